import type { Command } from "commander";
import type { Config } from "../../config/schema.ts";
import { acquireLock, type LockOptions, releaseLock, unlock } from "../../digger/lock.ts";
import type { Duplicates } from "../../duplicates/duplicates.ts";
import { type ConsolidateOptions, consolidate } from "../../maintenance/consolidate/consolidate.ts";
import { systemClock } from "../../system/clock.ts";
import { ServiceFailure, TransientFailure } from "../../system/failure.ts";
import { type Log, silentLog } from "../../system/log.ts";
import { ownIdentity } from "../../system/process-identity.ts";
import { type ConsolidationWay, wireConsolidation } from "../../wiring/consolidation.ts";
import { pathsOf } from "../../wiring/paths.ts";
import { adviceFor } from "../backup-advice.ts";
import { configWith } from "../config-overrides.ts";
import { exitCode } from "../exit.ts";
import { stdoutLog } from "../stdout-log.ts";
import { stoppable } from "../stop-signals.ts";
import { asService } from "../tell-people.ts";
import { printConsolidation } from "./consolidation-output.ts";
import { withDuplicates } from "./open-database-option.ts";

export type ConsolidateFlags = {
  readonly config?: string;
  readonly duplicateDb?: string;
  readonly dryRun?: true;
  readonly full?: true;
  readonly source?: ConsolidationWay;
  readonly maxLosses?: number;
  readonly json?: true;
  readonly verbose?: true;
};

// A tracker that is away for a day or two is the tracker's business; after that somebody should look.
const patienceMs = 3 * 24 * 3_600_000;

/** Brings the stored crashes to the tracker's status, prints what changed, and resolves with the exit code. */
export async function consolidateFromCommandLine(command: Command, flags: ConsolidateFlags): Promise<number> {
  const config = configWith(flags);
  const log = flags.json ? silentLog : stdoutLog(flags.verbose);
  const work = (): Promise<number> =>
    withDuplicates(command, (duplicates) => underLock(config, flags, duplicates, log), { checked: true });
  return await asService("dupdb consolidate", config, work, {
    explain: (error) => adviceFor(error, config, flags),
    log,
  });
}

// A lock of its own, which keeps two consolidations apart and nothing else: a batch may go on meanwhile (decision 34).
// One that was killed has changed nothing, or everything.
async function underLock(config: Config, flags: ConsolidateFlags, duplicates: Duplicates, log: Log): Promise<number> {
  const lock: LockOptions = {
    path: `${pathsOf(config).lock}.consolidate`,
    identity: ownIdentity(),
    clock: systemClock,
  };
  unlock(lock);
  if (acquireLock(lock).kind !== "acquired") {
    return nothingDone("held", "another consolidation is going on; nothing done", { lock: lock.path }, flags, log);
  }
  try {
    return await untilStopped(config, flags, duplicates, log);
  } finally {
    releaseLock(lock);
  }
}

async function untilStopped(
  config: Config,
  flags: ConsolidateFlags,
  duplicates: Duplicates,
  log: Log,
): Promise<number> {
  return await stoppable(async ({ controller: { signal }, stopped, settled }) => {
    try {
      await settled(consolidateOnce(config, flags, duplicates, log, signal));
      return exitCode.ok;
    } catch (error) {
      const by = stopped();
      if (by === null) return await tellAway(error, duplicates, flags, log);
      const words = "consolidation stopped by a signal; the next one goes on from here";
      nothingDone("stopped", words, { signal: by.signal }, flags, log);
      return by.exitCode;
    }
  });
}

async function consolidateOnce(
  config: Config,
  flags: ConsolidateFlags,
  duplicates: Duplicates,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  await using wired = await wireConsolidation(config, { log, signal }, flags.source ?? null);
  const done = await consolidate(optionsOf(flags), { ...wired, duplicates });
  printConsolidation(done, flags, log);
}

function optionsOf({ full, dryRun, maxLosses }: ConsolidateFlags): ConsolidateOptions {
  return { full: full === true, dryRun: dryRun === true, maxLosses: maxLosses ?? null };
}

async function tellAway(error: unknown, duplicates: Duplicates, flags: ConsolidateFlags, log: Log): Promise<number> {
  if (!(error instanceof TransientFailure)) throw error;
  const last = await duplicates.consolidated();
  // Before the first one has come to its end somebody is setting things up, and it may be the address that is wrong.
  if (last === null || systemClock.now().getTime() - last.heardAt.getTime() > patienceMs) {
    const since = last === null ? "yet" : `since ${last.heardAt.toISOString()}`;
    throw new ServiceFailure(`no consolidation has come to its end ${since}: ${error.message}`, {
      cause: error,
      remedy: "See whether the tracker can be reached from here; what was heard of it is kept for the next run.",
    });
  }
  const words = "the tracker is away; the next consolidation goes on from here";
  return nothingDone("away", words, { reason: error.message }, flags, log);
}

/** An end that is no failure and changed nothing; with `--json` the one object that was promised. */
function nothingDone(
  outcome: "held" | "away" | "stopped",
  words: string,
  facts: Readonly<Record<string, string>>,
  { json }: ConsolidateFlags,
  log: Log,
): number {
  if (json === true) process.stdout.write(`${JSON.stringify({ outcome, ...facts })}\n`);
  else log.event(words, facts);
  return exitCode.ok;
}
