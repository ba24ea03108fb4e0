import { existsSync, rmSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { readRestoredNote, writeRestoredNote } from "../../database/restored-note.ts";
import { requireSoundDatabase } from "../../database/sound-file.ts";
import type { Clock } from "../../system/clock.ts";
import { ServiceFailure } from "../../system/failure.ts";
import { type FoundBackup, findBackups, packedIn, unpackSound } from "./check-backup.ts";
import { putInPlace } from "./put-in-place.ts";
import { nameFor } from "./stored-backups.ts";
import type { BackedDatabase, BackupSettings, DatabaseName } from "./types.ts";

export type RestoreChoice = {
  /** Empty: those that are damaged or gone. */
  readonly names: readonly DatabaseName[];
  /** The newest backup taken at this moment or before; null: the newest good one. */
  readonly at: Date | null;
};

/** Makes a database that was unpacked ready for its place, where more than the file itself has to be thought of. */
export type Settle = (name: DatabaseName, file: string, asOf: Date) => Promise<readonly string[]>;

export type Restored = {
  readonly name: DatabaseName;
  readonly backup: string;
  readonly takenAt: string;
  /** Where the file is now that was replaced; null when there was none. */
  readonly keptAs: string | null;
  /** Backups that were passed over, and why. */
  readonly passedOver: readonly string[];
  /** What a person has to know beyond that. */
  readonly notes: readonly string[];
};

/**
 * Puts databases back from a backup. All of them are unpacked, read and made ready before the first is replaced. To be
 * called with the batch's lock and that of the backups.
 *
 * @throws ServiceFailure when a backup is not good, or there is none; nothing is changed then.
 */
export async function restore(
  choice: RestoreChoice,
  settings: BackupSettings,
  settle: Settle,
  clock: Clock,
): Promise<readonly Restored[]> {
  const backups = await findBackups(settings);
  const ready: Ready[] = [];
  try {
    for (const database of await chosen(choice, settings.databases, backups)) {
      ready.push(await makeReady(database, choice, backups, settle));
    }
    return ready.map((each) => replace(each, clock.now()));
  } finally {
    for (const { file } of ready) rmSync(file, { force: true });
  }
}

type Ready = Omit<Restored, "keptAs"> & { readonly database: BackedDatabase; readonly file: string };

async function chosen(
  { names }: RestoreChoice,
  databases: readonly BackedDatabase[],
  backups: readonly FoundBackup[],
): Promise<readonly BackedDatabase[]> {
  if (names.length > 0) return databases.filter(({ name }) => names.includes(name));
  const damaged: BackedDatabase[] = [];
  for (const database of databases) if (await isDamaged(database, backups)) damaged.push(database);
  if (damaged.length > 0) return damaged;
  throw new ServiceFailure("every database is there and sound", {
    remedy:
      "To go back to an earlier state all the same, name the databases: crash-digger backup restore state --at DATE",
  });
}

async function isDamaged({ path, name }: BackedDatabase, backups: readonly FoundBackup[]): Promise<boolean> {
  try {
    await requireSoundDatabase(path);
    return false;
  } catch {
    return backups.some((backup) => packedIn(backup, name) !== null);
  }
}

async function makeReady(
  database: BackedDatabase,
  { at }: RestoreChoice,
  backups: readonly FoundBackup[],
  settle: Settle,
): Promise<Ready> {
  const { name, path } = database;
  const file = `${path}.restoring`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const passedOver: string[] = [];
  for (const backup of backups) {
    const packed = packedIn(backup, name);
    if (packed === null || (at !== null && backup.takenAt > at)) continue;
    await removeRemains(file);
    const reason = await unpackSound(backup, packed, file);
    if (reason === null) {
      const notes = await settle(name, file, backup.takenAt);
      return { name, backup: backup.path, takenAt: backup.takenAt.toISOString(), passedOver, notes, database, file };
    }
    passedOver.push(`${backup.path}: ${reason}`);
    if (at !== null) break;
  }
  await removeRemains(file);
  throw noGoodBackup(name, at, passedOver);
}

function noGoodBackup(name: DatabaseName, at: Date | null, passedOver: readonly string[]): ServiceFailure {
  const until = at === null ? "" : ` taken by ${at.toISOString()}`;
  const reasons = passedOver.length === 0 ? "" : `: ${passedOver.join("; ")}`;
  return new ServiceFailure(`there is no good backup of the database ${name}${until}${reasons}`, {
    remedy: "crash-digger backup list shows what there is, crash-digger backup verify what of it is good.",
  });
}

async function removeRemains(file: string): Promise<void> {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(file + suffix, { force: true });
}

function replace({ database, file, ...restored }: Ready, now: Date): Restored {
  const { path } = database;
  const keptAs = existsSync(path) ? keptName(path, now) : null;
  // The tracker is what the others catch up with. The note goes first: should we be killed before the database has its
  // place, the next batch looks for what is not missing.
  if (restored.name !== "tracker") noteRestored(path, restored.takenAt);
  putInPlace(file, database, keptAs ?? `${path}.replaced`);
  return { ...restored, keptAs };
}

// Put back a second time before a batch has caught up, it may lack more than this backup tells.
function noteRestored(path: string, takenAt: string): void {
  const before = readRestoredNote(path)?.asOf ?? takenAt;
  writeRestoredNote(path, { asOf: before < takenAt ? before : takenAt, forgotUpTo: null });
}

function keptName(path: string, now: Date): string {
  for (let moment = now.getTime(); ; moment += 1000) {
    const name = `${path}.replaced-${nameFor(new Date(moment))}`;
    if (!existsSync(name)) return name;
  }
}
