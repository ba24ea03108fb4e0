import type { Config } from "../config/schema.ts";
import { acquireLock, type LockOptions, releaseLock, unlock } from "../digger/lock.ts";
import { type BatchWatch, runBatch } from "../digger/run-batch.ts";
import { describeEdit } from "../digger/shadow/describe-edit.ts";
import { PlanNotes } from "../digger/shadow/plan-notes.ts";
import { systemClock } from "../system/clock.ts";
import { ownIdentity } from "../system/process-identity.ts";
import type { CrashId, Edit } from "../tracker/types.ts";
import { wireDryBatch } from "../wiring/dry-batch.ts";
import { pathsOf } from "../wiring/paths.ts";
import { type BatchOutput, batchOutput, watched } from "./batch-output.ts";
import { printSummary } from "./batch-summary.ts";
import { configWith } from "./config-overrides.ts";
import { exitCode } from "./exit.ts";
import { batchOptionsOf, type RunOptions } from "./run-batch.ts";
import { stoppable } from "./stop-signals.ts";

/** One planned edit as `--format json` prints it. */
type Printed = { readonly crash: CrashId; readonly kind: Edit["kind"]; readonly edit: string };

/**
 * Works through what is pending as a batch would, prints and stores the plans, and writes nothing to the tracker nor
 * to the databases; resolves with the exit code.
 */
export async function dryRunFromCommandLine(options: RunOptions): Promise<number> {
  const config = configWith({ ...options, releases: options.configDir });
  const output = batchOutput(options);
  const { log } = output;
  const lock: LockOptions = { path: `${pathsOf(config).lock}.dry-run`, identity: ownIdentity(), clock: systemClock };
  return await stoppable(async ({ controller, stopped, settled }) => {
    if (!takeLock(lock)) {
      log.event("another dry run is going on; nothing done", { lock: lock.path });
      await settled(Promise.resolve());
      return exitCode.ok;
    }
    try {
      await settled(dryBatch(config, options, output, controller));
      return exitCode.ok;
    } catch (error) {
      const by = stopped();
      if (by === null) throw error;
      log.event("dry run stopped by a signal", { signal: by.signal });
      return by.exitCode;
    } finally {
      releaseLock(lock);
    }
  });
}

// A lock of its own: a dry run and a batch may go side by side. It keeps dry runs apart and nothing else, because one
// that failed or was killed has changed nothing that a person would have to look at first.
function takeLock(lock: LockOptions): boolean {
  unlock(lock);
  return acquireLock(lock).kind === "acquired";
}

async function dryBatch(
  config: Config,
  options: RunOptions,
  { log, line }: BatchOutput,
  controller: AbortController,
): Promise<void> {
  const notes = new PlanNotes(pathsOf(config).plans, systemClock.now);
  const plans: Printed[] = [];
  const planned = (crash: CrashId, edit: Edit): void => {
    const words = describeEdit(edit);
    notes.note(crash, edit);
    plans.push({ crash, kind: edit.kind, edit: words });
    log.event("edit planned", { crash, edit: words });
  };
  await using wired = await wireDryBatch(config, log, controller.signal, planned);
  const { host, pid } = ownIdentity();
  const summary = await watched(line, ({ watch }) => {
    const noting: BatchWatch = (event) => {
      if (event.kind === "done") notes.store();
      watch?.(event);
    };
    const batch = { ...batchOptionsOf(config, options, wired.architecture), watch: noting };
    return runBatch(batch, wired.services, { name: host, pid }, controller);
  });
  notes.store();
  printSummary(summary, options.format, { plans });
}
