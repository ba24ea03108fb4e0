import { builtSign, jailCommand } from "./jail-command.ts";
import { jailFailure } from "./jail-failure.ts";
import { syscallFilter } from "./jail-filter.ts";
import { jailHost } from "./jail-host.ts";
import { requireReadable } from "./jail-mounts.ts";
import type { JailLimits, JailMount, JailResult, JailTask } from "./jail-types.ts";
import { minimalEnvironment, type ProcessOptions, run, succeeded } from "./process.ts";
import { runInTerminal } from "./terminal.ts";

export type { JailLimits, JailMount, JailResult, JailTask } from "./jail-types.ts";

/**
 * Runs a command where it can harm nobody: no network, namespaces of its own, everything read-only but a small
 * /tmp, an empty environment, no privileges, few system calls, limits on everything, and the whole jail killed at its deadline, past
 * its output cap or on abort.
 *
 * When we are root the jailed process is `nobody`. Each mounted file or folder then has to be readable by
 * everybody, though the folders above it need not be: a 0644 file in a 0700 folder is right.
 *
 * @throws ServiceFailure when the jail cannot be built, never for a failure of the command inside.
 */
export async function runInJail(
  task: JailTask,
  options: Pick<ProcessOptions, "signal" | "onStdout" | "stdin"> = {},
): Promise<JailResult> {
  const host = jailHost(task.searchPath, task.system);
  requireReadable(task.mounts, host.isRoot);
  let status = "";
  const result = await run(jailCommand(task, host, "batch"), {
    ...options,
    deadlineMs: task.limits.wallMs,
    maxStdoutBytes: task.limits.outputBytes,
    env: { ...minimalEnvironment, PATH: task.searchPath ?? minimalEnvironment["PATH"] ?? "" },
    extraInput: syscallFilter(),
    onStatus: (piece) => {
      status = (status + piece.toString("latin1")).slice(0, builtSign.length);
    },
  });
  if (status !== builtSign && result.stoppedBy !== "abort") throw jailFailure(result);
  return result;
}

/**
 * Checks what was put into mounted folders after the jail was built, as `runInJail` does before.
 *
 * @throws ServiceFailure when the jailed user could not read it.
 */
export function requireReadableHere(mounts: readonly JailMount[]): void {
  requireReadable(mounts, process.geteuid?.() === 0);
}

/**
 * Builds a jail and runs nothing in it, to find out at the start of a batch rather than at its first crash.
 *
 * @throws ServiceFailure that says what is missing and what to do.
 */
export async function checkJail(searchPath?: string): Promise<void> {
  const command: JailTask["command"] = ["true"];
  const task = { command, mounts: [], limits: checkLimits };
  const result = await runInJail(searchPath === undefined ? task : { ...task, searchPath });
  if (!succeeded(result)) throw jailFailure(result);
}

/**
 * Runs a command in the same jail with a person at the terminal; resolves with its exit code.
 *
 * The jail gets a terminal of its own making (`script` copies between it and ours), for two reasons. With ours, a
 * hostile core that takes over gdb could type into the shell behind it (TIOCSTI). With none, as in a batch, Ctrl-C
 * would not reach gdb.
 *
 * @throws ServiceFailure when the jail cannot be built.
 */
export async function interactiveInJail(task: JailTask): Promise<number> {
  await checkJail(task.searchPath);
  const host = jailHost(task.searchPath, task.system);
  requireReadable(task.mounts, host.isRoot);
  const term = process.env["TERM"] ?? "dumb";
  const env = { ...task.env, TERM: /^[\w.+-]+$/.test(term) ? term : "dumb" };
  return runInTerminal(jailCommand({ ...task, env }, host, "terminal"), syscallFilter());
}

const checkLimits: JailLimits = {
  wallMs: 30_000,
  cpuSeconds: 10,
  memoryBytes: 1024 ** 3,
  processes: 16,
  scratchBytes: 1024 ** 2,
  openFiles: 64,
  outputBytes: 1024,
};
