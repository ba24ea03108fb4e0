import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { z } from "zod";
import type { Database } from "../database/open-database.ts";
import { typedRows } from "../database/typed-rows.ts";
import type { DuplicatesSchema } from "./format.ts";
import { PublishedFolder } from "./published-folder.ts";

/** How many entries were written; `leftOut`: signatures that cannot be a line (see publishedName). */
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
 * Memory stays constant: rows are read in pages, lines are held in a bounded buffer.
 *
 * @param folder created when it is missing; everything in it is readable by everyone.
 * @param nowMs the time, milliseconds since 1970, to tell an abandoned build from one that is running.
 */
export async function publish(database: Database<DuplicatesSchema>, folder: string, nowMs: number): Promise<Published> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await removeAbandoned(folder, nowMs);
  const building = await mkdtemp(join(folder, buildingPrefix));
  try {
    const published = await writeGeneration(database.kysely, building);
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

async function writeGeneration(kysely: Kysely<DuplicatesSchema>, building: string): Promise<Published> {
  const sig = await PublishedFolder.create(join(building, "sig"));
  for await (const row of entries(kysely, "crashes")) sig.add(row.id, row.signature);
  for await (const row of entries(kysely, "crash_digger_signatures")) sig.add(row.id, row.signature);
  const address = await PublishedFolder.create(join(building, "address"));
  for await (const row of entries(kysely, "address_signatures")) address.add(row.id, row.signature);
  sig.flush();
  address.flush();
  return { signatures: sig.written, addresses: address.written, leftOut: sig.leftOut + address.leftOut };
}

type Entry = { readonly signature: string; readonly id: number };
const entryRow = z.object({ signature: z.string(), id: z.int() });

const pageRows = 2000;

/**
 * Rows of a table by signature, so that those of one file come together; without those of crashes that are gone.
 * (EXISTS, because with `crash_id IN (SELECT …)` SQLite walks over the crashes and sorts everything for each page.)
 */
async function* entries(
  kysely: Kysely<DuplicatesSchema>,
  table: "crashes" | "crash_digger_signatures" | "address_signatures",
): AsyncGenerator<Entry> {
  // Looking each crash up by id, in the order of signatures, is most of the reading; `crashes` needs none.
  const stored =
    table === "crashes" ? sql`1` : sql`EXISTS (SELECT 1 FROM crashes WHERE crashes.crash_id = entry.crash_id)`;
  let last: Entry = { signature: "", id: Number.MIN_SAFE_INTEGER };
  while (true) {
    const answer = await sql`SELECT entry.signature, entry.crash_id AS id FROM ${sql.table(table)} AS entry
      WHERE (entry.signature, entry.crash_id) > (${last.signature}, ${last.id})
      AND ${stored}
      ORDER BY entry.signature, entry.crash_id LIMIT ${pageRows}`.execute(kysely);
    const rows = typedRows(entryRow, answer.rows, "signatures of the duplicate database");
    yield* rows;
    const final = rows.at(-1);
    if (final === undefined || rows.length < pageRows) return;
    last = final;
  }
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
