import { readdirSync, readFileSync } from "node:fs";
import { cp, link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { debugCore } from "../../../src/debugger/debug-core.ts";
import type { DebuggerResult, DebuggerTask } from "../../../src/debugger/types.ts";
import { jailFolders, warmDebugger } from "../../../src/debugger/warm-debugger.ts";
import { type CrashedProgram, crash, newFolder, ordinaryLimits, removeCrashed } from "./crashed.ts";

let crashed: CrashedProgram;
const { signal } = new AbortController();

beforeAll(async () => {
  crashed = await crash({ source: "workers.c", flags: ["-pthread"] });
});
afterAll(removeCrashed);

/** The crash's files where a retrace puts them, after gdb was started. */
async function filled(workFolder: string): Promise<DebuggerTask> {
  const folders = jailFolders(workFolder);
  await cp(crashed.sysroot, folders.sysroot, { recursive: true, verbatimSymlinks: true });
  const corePath = join(workFolder, "core");
  await link(crashed.task.corePath, corePath);
  return { ...crashed.task, ...folders, corePath };
}

function traceOf(result: DebuggerResult) {
  if (result.kind !== "output") throw new Error(result.reason);
  const { durationMs, peakMemoryBytes, commands, ...trace } = result.output;
  return trace;
}

/** Processes of jails that have this folder mounted, by the arguments of their bwrap. */
function jailsOf(workFolder: string): readonly string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandLineOf(name).includes(workFolder));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

test("a gdb that was started before there was anything to read says what one says that is started then", async () => {
  const workFolder = await newFolder();
  await using warm = await warmDebugger(workFolder, ordinaryLimits, signal);
  const task = await filled(workFolder);
  expect(warm?.fits(task)).toBe(true);
  const early = await debugCore(task, ordinaryLimits, signal, warm);
  expect(warm?.fits(task)).toBe(false);
  const late = await debugCore(task, ordinaryLimits, signal, null);
  expect(traceOf(early)).toEqual(traceOf(late));
  expect(traceOf(early).stacktrace).toContain("count_pages");
});

test("for a core of another machine, another crash's files, or after an early end a new gdb is started", async () => {
  const workFolder = await newFolder();
  await using warm = await warmDebugger(workFolder, ordinaryLimits, signal);
  const task = await filled(workFolder);
  expect(warm?.fits({ ...task, architecture: "sparc64" })).toBe(false);
  expect(warm?.fits(crashed.task)).toBe(false);
  expect(traceOf(await debugCore(crashed.task, ordinaryLimits, signal, warm)).stacktrace).toContain("count_pages");
  await warm?.[Symbol.asyncDispose]();
  expect(warm?.fits(task)).toBe(false);
  expect(traceOf(await debugCore(task, ordinaryLimits, signal, warm)).stacktrace).toContain("count_pages");
});

test("nothing is left of a gdb that got nothing to do, nor of one that was told to stop", async () => {
  const workFolder = await newFolder();
  const unused = await warmDebugger(workFolder, ordinaryLimits, signal);
  await expect.poll(() => jailsOf(workFolder)).not.toEqual([]);
  await unused?.[Symbol.asyncDispose]();
  expect(jailsOf(workFolder)).toEqual([]);

  const other = await newFolder();
  const controller = new AbortController();
  await using stopped = await warmDebugger(other, ordinaryLimits, controller.signal);
  const task = await filled(other);
  controller.abort(new Error("the batch is being stopped"));
  await expect(debugCore(task, ordinaryLimits, controller.signal, stopped)).rejects.toThrow("being stopped");
  await expect.poll(() => jailsOf(other)).toEqual([]);
});

// An ordinary user's jail has the user's own rights; only root's is somebody else's.
test.each(process.geteuid?.() === 0 ? [0o600] : [])(
  "a core of mode %o, which the jailed user may not read, is told",
  async (mode) => {
    const workFolder = await newFolder();
    await using warm = await warmDebugger(workFolder, ordinaryLimits, signal);
    const task = await filled(workFolder);
    await rm(task.corePath);
    await writeFile(task.corePath, "a core", { mode });
    await expect(debugCore(task, ordinaryLimits, signal, warm)).rejects.toThrow("cannot be read inside the jail");
  },
);

test("a folder that is there already is a mistake of the caller", async () => {
  const workFolder = await newFolder();
  await mkdir(join(workFolder, "stage"));
  await expect(warmDebugger(workFolder, ordinaryLimits, signal)).rejects.toThrow("EEXIST");
});
