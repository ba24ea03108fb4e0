import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { z } from "zod";
import type { Database } from "../database/open-database.ts";
import { typedRows } from "../database/typed-rows.ts";
import type { DuplicatesSchema } from "./format.ts";
import { PublishedFolder } from "./published-folder.ts";

/** How many entries were written; `leftOut`: signatures that cannot be a line (see publishedNames). */
export type Published = { readonly signatures: number; readonly addresses: number; readonly leftOut: number };

const buildingPrefix = ".building-";
const generationPrefix = ".generation-";
const current = ".current";
const setAsideSuffix = ".before-crash-digger";
const abandonedAfterMs = 24 * 3600 * 1000;

/**
 * Writes the folders `sig/` and `address/`, in which clients look signatures up over HTTP.
 *
 * Everything is built in a new generation beside the old one. `sig` and `address` are symbolic links through
 * `.current`, so one rename of that link shows both new folders at the same moment; a reader meets the old files or
 * the new ones, never half of them. (A folder cannot be renamed over another one that has files: done without the
 * links there is always a moment with no folder at all.) The generation before stays until the next publication, for
 * readers that looked up the link just before it changed.
 *
 * Memory stays constant: rows are read in pieces, lines are held in a bounded buffer. Each folder shows the database
 * of one moment; until it is written, checks wait.
 *
 * @param folder created when it is missing; everything in it is readable by everyone.
 * @param nowMs the time, milliseconds since 1970, to tell an abandoned build from one that is running.
 */
export async function publish(database: Database<DuplicatesSchema>, folder: string, nowMs: number): Promise<Published> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await removeAbandoned(folder, nowMs);
  const building = await mkdtemp(join(folder, buildingPrefix));
  try {
    const published = await writeGeneration(database, building);
    await chmod(building, 0o755);
    // In a transaction only to be alone: two publications at once would remove each other's new generation.
    const outdated = await database.transaction(() => show(folder, building));
    for (const path of outdated) await rm(path, { recursive: true, force: true });
    return published;
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  }
}

async function writeGeneration(database: Database<DuplicatesSchema>, building: string): Promise<Published> {
  const sig = await PublishedFolder.create(join(building, "sig"));
  await database.readThrough(signatures, (rows) => fill(sig, rows));
  sig.flush();
  const address = await PublishedFolder.create(join(building, "address"));
  await database.readThrough(addresses, (rows) => fill(address, rows));
  address.flush();
  return { signatures: sig.written, addresses: address.written, leftOut: sig.leftOut + address.leftOut };
}

// In the order of signatures, so that those of one file come together; without those of crashes that are gone.
const signatures = sql`SELECT signature, crash_id FROM crashes
  UNION ALL SELECT further.signature, further.crash_id FROM crash_digger_signatures AS further
    JOIN crashes ON crashes.crash_id = further.crash_id
  ORDER BY 1, 2`;

// NOT INDEXED: read once from the beginning to the end and sorted, a million rows take a second. In the order of
// the index each row is somewhere else in the file, and that is ten times the work.
const addresses = sql`SELECT signature, crash_id FROM address_signatures AS entry NOT INDEXED
  WHERE EXISTS (SELECT 1 FROM crashes WHERE crashes.crash_id = entry.crash_id)
  ORDER BY signature, crash_id`;

const entryRow = z.tuple([z.string(), z.int()]);

function fill(folder: PublishedFolder, rows: readonly unknown[]): void {
  const entries = typedRows(entryRow, rows, "signatures of the duplicate database");
  for (const [signature, id] of entries) folder.add(id, signature);
}

async function show(folder: string, building: string): Promise<readonly string[]> {
  const generation = building.replace(buildingPrefix, generationPrefix);
  await rename(building, generation);
  const before = await readlink(join(folder, current)).catch(() => null);
  const name = generation.slice(folder.length + 1);
  await replaceByLink(join(folder, current), name);
  await replaceByLink(join(folder, "sig"), `${current}/sig`);
  await replaceByLink(join(folder, "address"), `${current}/address`);
  return await findOutdated(folder, new Set([name, before]));
}

async function replaceByLink(path: string, target: string): Promise<void> {
  if ((await readlink(path).catch(() => null)) === target) return;
  const temporary = `${path}.${process.pid}.new`;
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  if (existsSync(path) && (await lstat(path)).isDirectory()) await makeWay(path);
  await rename(temporary, path);
}

// Published by Apport before us, as a real folder: the only time that readers find nothing, between two renames.
async function makeWay(path: string): Promise<void> {
  const aside = `${path}${setAsideSuffix}`;
  await rm(aside, { recursive: true, force: true });
  await rename(path, aside);
}

async function findOutdated(folder: string, keep: ReadonlySet<string | null>): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => (name.startsWith(generationPrefix) && !keep.has(name)) || name.endsWith(setAsideSuffix))
    .map((name) => join(folder, name));
}

// Left by a publication that was killed. A younger one may belong to a process that is at work.
async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(buildingPrefix)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (nowMs - mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}
