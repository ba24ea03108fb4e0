import { borrowLock, giveLockBack, inspectLock, type LockOptions } from "../digger/lock.ts";
import { withBackupLock } from "../maintenance/backup/backup-lock.ts";
import { type Restored, restore } from "../maintenance/backup/restore.ts";
import type { DatabaseName } from "../maintenance/backup/types.ts";
import { systemClock } from "../system/clock.ts";
import { ownIdentity } from "../system/process-identity.ts";
import { backupSettings, settleRestored } from "../wiring/backup.ts";
import { pathsOf } from "../wiring/paths.ts";
import { configWith } from "./config-overrides.ts";
import { CliError } from "./exit.ts";
import { printable } from "./printable.ts";
import { stoppable } from "./stop-signals.ts";

export type RestoreFlags = {
  readonly names: readonly DatabaseName[];
  readonly at?: Date;
  readonly config?: string;
  readonly lock?: string;
  readonly duplicateDb?: string;
  readonly json?: true;
};

/** Puts databases back and says what was put where. Signals wait until it is done: half a restore helps nobody. */
export async function restoreBackup(flags: RestoreFlags): Promise<void> {
  const lock: LockOptions = { path: pathsOf(configWith(flags)).lock, identity: ownIdentity(), clock: systemClock };
  const { restored, isStopped } = await stoppable(() => underBatchLock(lock, () => restoreNow(flags)));
  if (flags.json) process.stdout.write(`${JSON.stringify({ restored, batchesStopped: isStopped })}\n`);
  else process.stdout.write(restored.map(textOf).join("") + nextText(isStopped, lock.path));
}

async function underBatchLock<T>(
  lock: LockOptions,
  work: () => Promise<T>,
): Promise<{ readonly restored: T; readonly isStopped: boolean }> {
  const borrowed = borrowLock(lock);
  if (borrowed === null) throw batchRuns(lock);
  try {
    return { restored: await work(), isStopped: borrowed.before !== null };
  } finally {
    giveLockBack(lock, borrowed);
  }
}

function batchRuns(lock: LockOptions): CliError {
  const state = inspectLock(lock);
  const pid = state.kind === "free" ? null : state.content.pid;
  return new CliError(
    `a batch is running${pid === null ? "" : ` (process ${pid})`}: nothing was put back. Wait for its end.`,
  );
}

async function restoreNow(flags: RestoreFlags): Promise<readonly Restored[]> {
  const config = configWith(flags);
  const settings = backupSettings(config);
  if (flags.names.includes("tracker") && settings.databases.every(({ name }) => name !== "tracker")) {
    throw new CliError(`the tracker is ${config.tracker.type}: it has no database here`);
  }
  const choice = { names: flags.names, at: flags.at ?? null };
  const restored = await withBackupLock(settings.folder, systemClock, () =>
    restore(choice, settings, settleRestored(config), systemClock),
  );
  if (restored === null) throw new CliError("a backup is under way: nothing was put back. Wait for its end.");
  return restored;
}

function textOf({ name, backup, takenAt, keptAs, passedOver, notes }: Restored): string {
  const lines = [
    ...passedOver.map((reason) => `Passed over, because it is not good: ${reason}`),
    `${name}: put back as it was at ${takenAt}, from ${backup}`,
    ...(keptAs === null ? [] : [`  what was there before is kept as ${keptAs}`]),
    ...notes.map((note) => `  ${note}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function nextText(isStopped: boolean, lockPath: string): string {
  if (!isStopped) return "The next batch catches up with the tracker.\n";
  return `Batches are still stopped by the lock ${printable(lockPath)}. Next: crash-digger unlock\n`;
}
