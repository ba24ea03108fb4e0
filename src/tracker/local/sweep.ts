import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../../database/open-database.ts";
import { deadSubmissions } from "./incoming.ts";
import { removeQuietly } from "./private-files.ts";
import { storedRows } from "./stored-rows.ts";
import type { SubmitPlace } from "./submit.ts";
import type { TrackerTables } from "./tables.ts";

/** Removes what interrupted submissions and removals left behind. Safe while others are at work. */
export async function sweep(place: SubmitPlace, now: Date): Promise<void> {
  await removeOrphans(place.database, place.filesFolder);
  const dead = await deadSubmissions(place.incomingFolder, now);
  if (dead.length === 0) return;
  const stored = await readdir(place.filesFolder);
  for (const { id, folder } of dead) {
    const names = stored.filter((name) => name.startsWith(id));
    for (const name of await withoutRow(place.database, names)) await removeQuietly(join(place.filesFolder, name));
    // Last: by the folder the next sweep knows that there is something left to do.
    await removeQuietly(folder);
  }
}

/**
 * Removes the stored files that edits have cut loose. The rows go after the files, so that none is forgotten; one that a
 * power cut brings back names a file that is gone, and goes with the next sweep.
 */
export async function removeOrphans(database: Database<TrackerTables>, filesFolder: string): Promise<void> {
  const orphans = await database.kysely.selectFrom("orphan").select("storage_name").execute();
  for (const { storage_name } of storedRows("orphan", orphans)) {
    await removeQuietly(join(filesFolder, storage_name));
    await database.unsynced((alone) => alone.deleteFrom("orphan").where("storage_name", "=", storage_name).execute());
  }
}

// Killed after its commit and before it could tidy up: the crash is there, and so are its files.
async function withoutRow(database: Database<TrackerTables>, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const rows = await database.kysely
    .selectFrom("blob")
    .select("storage_name")
    .where("storage_name", "in", names)
    .execute();
  const used = new Set(rows.map((row) => row.storage_name));
  return names.filter((name) => !used.has(name));
}
