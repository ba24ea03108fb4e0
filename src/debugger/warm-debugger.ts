import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type JailResult, requireReadableHere, runInJail } from "../system/jail.ts";
import { linkOrCopy } from "../system/link-or-copy.ts";
import { type DebuggerLimits, jailLimits } from "./debugger-limits.ts";
import { chooseGdb, ownArchitecture } from "./find-gdb.ts";
import { gdbCommand, jailPaths } from "./gdb-command.ts";
import { framesMount, programIn } from "./jail-task.ts";
import type { DebuggerTask } from "./types.ts";

/** A gdb that has started in its jail and waits for the crash that it is to read. */
export type WarmDebugger = AsyncDisposable & {
  /** Whether it can take this task: its folders are that crash's, and it has not waited for too long. */
  fits(task: DebuggerTask): boolean;
  /** Lets it see core and program, gives it its commands, and resolves with its end. Only once. */
  debug(task: DebuggerTask, script: string): Promise<JailResult>;
};

/** The folders of a crash that the jail shows: those of a work folder by name. */
export function jailFolders(workFolder: string) {
  return { sysroot: join(workFolder, "sysroot"), indexFolder: join(workFolder, "indexes") };
}

// Whoever looks for files longer than this (a download) starts a gdb of his own when he has them.
const longestWaitMs = 30_000;

/**
 * Starts a gdb ahead of time: its own start and that of its jail take a third of the time that an ordinary core takes,
 * and need nothing of the crash. What it is to see later appears in folders that are mounted from the beginning.
 *
 * @param workFolder of one crash alone.
 * @returns null when this machine's gdb cannot read cores of this machine. A jail that cannot be built is told when it
 *   is used.
 */
export async function warmDebugger(
  workFolder: string,
  limits: DebuggerLimits,
  signal: AbortSignal,
): Promise<WarmDebugger | null> {
  const architecture = ownArchitecture();
  const gdb = chooseGdb(architecture);
  if (gdb.kind === "foreign") return null;
  const { sysroot, indexFolder } = jailFolders(workFolder);
  const stage = join(workFolder, "stage");
  for (const folder of [sysroot, indexFolder, stage]) await mkdir(folder, { mode: 0o755 });
  const mounts = [
    { hostPath: sysroot, jailPath: jailPaths.sysroot },
    { hostPath: indexFolder, jailPath: jailPaths.indexes },
    { hostPath: stage, jailPath: jailPaths.stage },
    framesMount,
  ];
  const given = Promise.withResolvers<string>();
  const own = new AbortController();
  const startedAt = performance.now();
  let isOver = false;
  const running = runInJail(
    {
      command: gdbCommand({ architecture, indexFolder }, gdb.program),
      mounts,
      limits: jailLimits({ ...limits, wallMs: limits.wallMs + longestWaitMs }),
    },
    { signal: AbortSignal.any([signal, own.signal]), stdin: given.promise },
  );
  running
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  return {
    fits: (task) =>
      !isOver &&
      performance.now() - startedAt < longestWaitMs &&
      task.architecture === architecture &&
      task.system === null &&
      task.sysroot === sysroot &&
      task.indexFolder === indexFolder,
    debug: async (task, script) => {
      await linkOrCopy(task.corePath, join(stage, "core"));
      if (task.executablePath !== null)
        await linkOrCopy(programIn(sysroot, task.executablePath), join(stage, "program"));
      requireReadableHere(mounts);
      given.resolve(script);
      return await running;
    },
    [Symbol.asyncDispose]: async () => {
      own.abort();
      await running.catch(() => {});
    },
  };
}
