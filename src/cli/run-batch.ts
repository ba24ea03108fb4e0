import { resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import type { LockOptions } from "../digger/lock.ts";
import { type BatchOptions, type BatchWatch, runBatch } from "../digger/run-batch.ts";
import { openDuplicates } from "../duplicates/duplicates.ts";
import { systemClock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import { ownIdentity } from "../system/process-identity.ts";
import { wireBatch } from "../wiring/batch.ts";
import { jobsOf, pathsOf } from "../wiring/paths.ts";
import { idleAmong, idleMessage, idleOfRun } from "./apport-options.ts";
import { type BatchOutput, batchOutput, watched } from "./batch-output.ts";
import { printSummary, type SummaryFormat } from "./batch-summary.ts";
import { configWith } from "./config-overrides.ts";
import { leaveMetrics } from "./leave-metrics.ts";
import type { StatusLine } from "./progress.ts";
import { sendDigest } from "./send-digest.ts";
import { asService, channelsOf } from "./tell-people.ts";
import { type Underway, underLock } from "./under-lock.ts";

export type RunOptions = {
  readonly config?: string;
  readonly dupcheck?: true;
  readonly limit?: number;
  readonly jobs?: number;
  readonly only?: number;
  readonly format: SummaryFormat;
  readonly verbose?: true;
  readonly configDir?: string;
  readonly cache?: string;
  readonly lock?: string;
  readonly duplicateDb?: string;
  readonly stacktraceSource?: boolean;
  readonly publishDb?: string;
  readonly dryRun?: true;
  readonly auth?: string;
  readonly crashDb?: string;
};

/** Takes the lock, runs one batch, and resolves with the exit code. */
export async function runFromCommandLine(options: RunOptions): Promise<number> {
  const config = configWith({ ...options, releases: options.configDir });
  const output = batchOutput(options);
  // Only a lock that cannot be used gets as far as here: every other failure is told with the lock held, which then says so.
  const told = { path: pathsOf(config).told, enoughForMs: config.notify.reminder_s * 1000, clock: systemClock };
  const code = await asService("run", config, () => runUnlessHeld(config, options, output), { log: output.log, told });
  await leaveMetrics(config, output.log);
  return code;
}

async function runUnlessHeld(config: Config, options: RunOptions, { log, line }: BatchOutput): Promise<number> {
  const channels = channelsOf(config, log);
  const lock: LockOptions = {
    path: pathsOf(config).lock,
    identity: ownIdentity(),
    clock: systemClock,
    remindAfterMs: config.notify.reminder_s * 1000,
  };
  const idle = idleAmong(options, idleOfRun(config.tracker.type));
  const explain = (error: unknown): Promise<unknown> => withAdvice(error, config, options);
  return await underLock(lock, channels, explain, async (controller, underway) => {
    if (idle !== null) log.event(idleMessage, idle);
    await batch(config, options, log, line, controller, underway);
    await sendDigest(config, channels);
  });
}

async function batch(
  config: Config,
  options: RunOptions,
  log: Log,
  line: StatusLine | null,
  controller: AbortController,
  underway: Underway,
): Promise<void> {
  await using wired = await wireBatch(config, log, controller.signal);
  const { host, pid } = ownIdentity();
  const batchOptions = batchOptionsOf(config, options, wired.architecture);
  const summary = await watched(line, ({ watch }) => {
    const noting: BatchWatch = (event) => {
      if (event.kind === "batch") underway.batch = event.id;
      watch?.(event);
    };
    return runBatch({ ...batchOptions, watch: noting }, wired.services, { name: host, pid }, controller);
  });
  if (options.publishDb !== undefined) await publish(config, resolve(options.publishDb), log);
  printSummary(summary, options.format);
}

/** What a batch works on, and how much at a time: the command line's word before the configuration's. */
export function batchOptionsOf(config: Config, options: RunOptions, architecture: string): BatchOptions {
  return {
    architecture,
    dupcheckOnly: options.dupcheck === true,
    limit: options.limit ?? config.batch.limit ?? null,
    jobs: jobsOf(config),
    only: options.only ?? null,
  };
}

async function publish(config: Config, folder: string, log: Log): Promise<void> {
  // Checked by the batch a moment ago.
  const duplicates = await openDuplicates(pathsOf(config).duplicates, { integrityCheck: false });
  try {
    const { signatures, addresses } = await duplicates.publish(folder);
    log.event("duplicate database published", { folder, signatures, addresses });
  } finally {
    await duplicates.close();
  }
}

// Only a damaged database needs it, and every batch loads this file.
async function withAdvice(error: unknown, config: Config, options: RunOptions): Promise<unknown> {
  const { adviceFor } = await import("./backup-advice.ts");
  return await adviceFor(error, config, options);
}
