import { existsSync, rmSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { copyDatabase } from "../../database/copy-database.ts";
import { DamagedDatabase } from "../../database/damaged-database.ts";
import { markPath } from "../../database/known-sound.ts";
import { requireSoundCopy, requireWholeFile } from "../../database/sound-file.ts";
import type { Clock } from "../../system/clock.ts";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";
import { copyBackup } from "./copy-backup.ts";
import { type Manifest, manifestName, type PackedDatabase } from "./manifest.ts";
import { pack } from "./pack.ts";
import { toRemove } from "./rotation.ts";
import { momentOf, nameFor, storedBackups } from "./stored-backups.ts";
import type { BackedDatabase, BackupSettings } from "./types.ts";
import { makeWorkFolder } from "./work-folder.ts";

export type Surroundings = {
  readonly clock: Clock;
  readonly log: Log;
  /** Of crash-digger, to be told in the manifest. */
  readonly version: string;
};

export type Taken = { readonly name: string; readonly manifest: Manifest; readonly removed: readonly string[] };

/**
 * Backs all databases up, while batches go on, and removes the backups that are no longer to be kept. To be called by
 * one process at a time (`withBackupLock`). Null: none of the databases is there yet.
 *
 * @throws DamagedDatabase when a database, or the copy of it, is not sound; the next batch then reads it fully.
 * @throws ServiceFailure when the backup cannot be kept.
 */
export async function takeBackup(settings: BackupSettings, surroundings: Surroundings): Promise<Taken | null> {
  const { clock } = surroundings;
  const { folder, secondFolder, databases } = settings;
  for (const { path } of databases) await distrusting(path, () => requireWholeFile(path));
  const present = databases.filter(({ path }) => existsSync(path));
  if (present.length === 0) return null;
  const name = await freeName(folder, clock.now());
  const manifest = await keeping(folder, () => store(name, present, folder, surroundings));
  if (secondFolder !== null) await keeping(secondFolder, () => copyBackup(join(folder, name), name, secondFolder));
  const removed = await rotate(folder, settings, clock.now());
  if (secondFolder !== null) await rotate(secondFolder, settings, clock.now());
  return { name, manifest, removed };
}

async function store(
  name: string,
  databases: readonly BackedDatabase[],
  folder: string,
  { log, version }: Surroundings,
): Promise<Manifest> {
  await using work = await makeWorkFolder(folder);
  const packed: PackedDatabase[] = [];
  for (const database of databases) {
    packed.push(await storeDatabase(database, work.path));
    log.detail("database copied", { database: database.name, bytes: packed.at(-1)?.sizeBytes });
  }
  const takenAt = (momentOf(name) ?? new Date(0)).toISOString();
  const manifest: Manifest = { format: 1, takenAt, crashDigger: version, databases: packed };
  await writeSynced(join(work.path, manifestName), `${JSON.stringify(manifest, null, 1)}\n`);
  await work.becomes(name);
  return manifest;
}

async function storeDatabase({ name, path }: BackedDatabase, folder: string): Promise<PackedDatabase> {
  const copy = join(folder, `${name}.db`);
  await copyDatabase(path, copy);
  await distrusting(path, async () => requireSoundCopy(copy, path));
  const file = `${name}.db.zst`;
  const { plain, packed } = await pack(copy, join(folder, file));
  await rm(copy);
  return { name, file, path, ...plain, packedBytes: packed.sizeBytes, packedSha256: packed.sha256 };
}

// What a batch believes of the file since its last full check is no longer to be believed: the next one reads all of it,
// finds what we have found, and stops.
async function distrusting(path: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (error instanceof DamagedDatabase && existsSync(path)) rmSync(markPath(path), { force: true });
    throw error;
  }
}

async function keeping<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DamagedDatabase) throw error;
    throw new ServiceFailure(`no backup could be made in ${folder}: ${messageOf(error)}`, {
      cause: error,
      remedy: "See whether its disk is there, has room (df) and may be written by this user; then: crash-digger backup",
    });
  }
}

// The moment is the name. Two in one second happen when somebody tries it out; the second is dated a second later.
async function freeName(folder: string, now: Date): Promise<string> {
  const taken = new Set((await storedBackups(folder)).map(({ name }) => name));
  for (let moment = now.getTime(); ; moment += 1000) {
    const name = nameFor(new Date(moment));
    if (!taken.has(name)) return name;
  }
}

// A backup that is half removed must not look like a whole one: it loses its name first.
async function rotate(folder: string, { keep }: BackupSettings, now: Date): Promise<readonly string[]> {
  const old = toRemove(await storedBackups(folder), keep, new Date(now.getTime() + 1000));
  if (old.length === 0) return [];
  await using work = await makeWorkFolder(folder);
  for (const { path, name } of old) await rename(path, join(work.path, name));
  return old.map(({ name }) => name);
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
