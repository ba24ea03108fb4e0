import { join } from "node:path";
import { requireSoundCopy } from "../../database/sound-file.ts";
import { messageOf } from "../../system/failure.ts";
import { type Manifest, type PackedDatabase, readManifest } from "./manifest.ts";
import { unpack } from "./pack.ts";
import { type StoredBackup, storedBackups } from "./stored-backups.ts";
import type { BackupSettings, DatabaseName } from "./types.ts";
import { makeWorkFolder } from "./work-folder.ts";

/** A backup as it was found: what it holds, or why it is none. */
export type FoundBackup = StoredBackup & { readonly manifest: Manifest | string };

/** All backups, newest first, those of the second folder behind those of the first. */
export async function findBackups({ folder, secondFolder }: BackupSettings): Promise<readonly FoundBackup[]> {
  const found: FoundBackup[] = [];
  for (const each of secondFolder === null ? [folder] : [folder, secondFolder]) found.push(...(await foundIn(each)));
  return found.sort((left, right) => right.takenAt.getTime() - left.takenAt.getTime());
}

// One of the two folders may be on a disk that is not there: that must not hide the other one.
async function foundIn(folder: string): Promise<readonly FoundBackup[]> {
  const found: FoundBackup[] = [];
  try {
    for (const backup of await storedBackups(folder)) {
      found.push({ ...backup, manifest: await readManifest(backup.path) });
    }
    return found;
  } catch (error) {
    return [{ name: "", takenAt: new Date(0), path: folder, manifest: `it cannot be read: ${messageOf(error)}` }];
  }
}

/**
 * Unpacks one database of a backup and reads all of it.
 *
 * @param to where it is unpacked to; it is there afterwards only when all is well
 * @returns what is wrong with it, null for nothing
 */
export async function unpackSound(backup: StoredBackup, packed: PackedDatabase, to: string): Promise<string | null> {
  const file = join(backup.path, packed.file);
  try {
    const { plain, packed: read } = await unpack(file, to, packed.sizeBytes);
    if (read.sha256 !== packed.packedSha256) return `${packed.file} is not as it was written`;
    if (plain.sha256 !== packed.sha256) return `${packed.file} does not hold what was packed into it`;
    requireSoundCopy(to, file);
    return null;
  } catch (error) {
    return `${packed.file}: ${messageOf(error)}`;
  }
}

/** What is wrong with one database of a backup, null for nothing. Takes as much room as the database, for a while. */
export async function whyBad(backup: StoredBackup, packed: PackedDatabase, workIn: string): Promise<string | null> {
  await using work = await makeWorkFolder(workIn);
  return await unpackSound(backup, packed, join(work.path, `${packed.name}.db`));
}

/** A database in a backup that was read and found good. */
export type GoodBackup = { readonly backup: FoundBackup; readonly packed: PackedDatabase };

/** The newest backup from which a database can be put back, of those not younger than `notAfter`. */
export async function newestGood(
  settings: BackupSettings,
  name: DatabaseName,
  notAfter: Date | null = null,
): Promise<GoodBackup | null> {
  for (const backup of await findBackups(settings)) {
    if (notAfter !== null && backup.takenAt > notAfter) continue;
    const packed = packedIn(backup, name);
    if (packed !== null && (await whyBad(backup, packed, settings.folder)) === null) return { backup, packed };
  }
  return null;
}

/** One database of a backup, null when it is not in it. */
export function packedIn({ manifest }: FoundBackup, name: DatabaseName): PackedDatabase | null {
  if (typeof manifest === "string") return null;
  return manifest.databases.find((each) => each.name === name) ?? null;
}
