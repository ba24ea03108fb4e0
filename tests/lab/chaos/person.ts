import { existsSync, rmSync } from "node:fs";
import { describeEnd, type ProcessResult } from "../../../src/system/process.ts";
import type { Random } from "../random.ts";
import type { ChaosWorld } from "./chaos-world.ts";
import { putCopyBack } from "./damage.ts";

/**
 * What a command may look like when it has ended: only with a failure does it say something on stderr, and then it says
 * what to do. @returns what is wrong with it, null when nothing is.
 */
export function complaintAbout(result: ProcessResult): string | null {
  const { exitCode, signal, stderr } = result;
  const words = `${describeEnd(result)}\n${result.stdout.toString("utf8").slice(-1500)}\n${stderr}`;
  if (result.stoppedBy !== null) return words;
  if (signal !== null) return stderr === "" ? null : words;
  if (exitCode === 1) return /^crash-digger/.test(stderr) && /unlock|^What to do: /m.test(stderr) ? null : words;
  // A reminder of a failure, once a day, is the one thing that is said with exit code 0.
  const isQuiet = stderr === "" || (exitCode === 0 && stderr.startsWith("crash-digger is stopped: "));
  return isQuiet && [0, 129, 130, 143].includes(exitCode ?? -1) ? null : words;
}

/** Does what the message of a failed command says, and no more. */
export async function mend(world: ChaosWorld, { stderr }: ProcessResult, random: Random): Promise<void> {
  const damaged = /put back (?:the|its) last good copy/i.test(stderr) ? filesNamedIn(stderr) : [];
  for (const path of damaged) {
    // Or no copy is there, which does no harm with this one: the tracker's own marks are enough to go on.
    if (path.endsWith("/state.db") && random.below(2) === 0) remove(path);
    else putCopyBack(world, path);
  }
  for (const [, path = ""] of stderr.matchAll(/What to do: Remove (\S+\.db) /g)) remove(path);
  const guards = stderr.matchAll(/(\S+\.guard) holds nothing: while no batch runs it may be deleted/g);
  for (const [, guard = ""] of guards) rmSync(guard, { force: true });
}

/** Lets batches run again, as the messages say. A batch is never running then. */
export async function unlock(world: ChaosWorld): Promise<ProcessResult | null> {
  return existsSync(world.command.lockPath) ? await world.run(["unlock"]) : null;
}

function filesNamedIn(stderr: string): readonly string[] {
  const damaged = /database (\S+?\.db)(?::| is damaged)/g;
  return [...new Set([...stderr.matchAll(damaged)].map(([, path = ""]) => path))];
}

function remove(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal", ".checked"]) rmSync(`${path}${suffix}`, { force: true });
}
