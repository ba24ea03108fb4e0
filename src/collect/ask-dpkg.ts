import { ServiceFailure } from "../system/failure.ts";
import { describeEnd, type ProcessResult, run, succeeded } from "../system/process.ts";

const deadlineMs = 60_000;

/**
 * What dpkg or dpkg-query answers on stdout.
 *
 * @param emptyExitCode exit code that means "nothing found": the answer is then empty.
 * @throws ServiceFailure when it cannot answer; the signal's reason when aborted.
 */
export async function askDpkg(
  command: readonly [string, ...string[]],
  signal: AbortSignal,
  emptyExitCode?: number,
): Promise<string> {
  const result = await run(command, { deadlineMs, signal });
  signal.throwIfAborted();
  if (result.stoppedBy === null && result.exitCode === emptyExitCode) return "";
  if (!succeeded(result)) throw failureOf(result);
  return result.stdout.toString("utf8");
}

function failureOf(result: ProcessResult): ServiceFailure {
  const [program = "", option = ""] = result.command;
  return new ServiceFailure(`${program} ${option}: ${describeEnd(result)} ${result.stderr.trim()}`.trim(), {
    remedy: "dpkg has to work on this machine: look at what `dpkg --audit` says.",
  });
}
