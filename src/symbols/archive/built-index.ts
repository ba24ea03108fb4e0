import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Database, openDatabase } from "../../database/open-database.ts";
import { asServiceFailure } from "../../database/sqlite-failure.ts";
import { ServiceFailure } from "../../system/failure.ts";
import { describeEnd, run, succeeded } from "../../system/process.ts";
import { asideName } from "../cache/owner.ts";
import type { FetchedList } from "./index-targets.ts";

/** What kind of index to build from lists. */
export type IndexRecipe = {
  /** File name's first part: `packages`, `contents`. */
  readonly name: string;
  /** Raised whenever the tables or the reading change, so that an older program's file is not used. */
  readonly format: number;
  readonly schema: string;
  /** Prepares to fill the tables; gets each list's bytes, list by list. */
  readonly begin: (sqlite: DatabaseSync) => { take(piece: Buffer): void; endList(): void };
  /** Statements for after the filling: indexes. */
  readonly finish: string;
};

const readDeadlineMs = 10 * 60_000;
const maxListBytes = 8 * 1024 ** 3;

/**
 * Opens the index of these lists, building it first when there is none for exactly these. It is built aside
 * and renamed: nobody ever sees half of one, and two processes that build the same one both succeed.
 *
 * @throws ServiceFailure when a list cannot be read or the index not be written
 */
export async function openIndex<Schema>(
  folder: string,
  recipe: IndexRecipe,
  lists: readonly FetchedList[],
  signal: AbortSignal,
): Promise<Database<Schema>> {
  const identity = JSON.stringify([recipe.format, ...lists.map((list) => list.identity)]);
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  const path = join(folder, `${recipe.name}-${digest}.db`);
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  if (!names.includes(`${recipe.name}-${digest}.db`)) {
    await build(path, recipe, lists, signal);
    await removeOthers(folder, recipe.name, path, names);
  }
  return openDatabase<Schema>(path, { readOnly: true, migrations: [] });
}

async function build(
  path: string,
  recipe: IndexRecipe,
  lists: readonly FetchedList[],
  signal: AbortSignal,
): Promise<void> {
  const aside = `${path}.${asideName()}.new`;
  try {
    await fill(aside, recipe, lists, signal);
    await synced(aside);
    await rename(aside, path);
  } catch (error) {
    throw asServiceFailure(error, path);
  } finally {
    await rm(aside, { force: true });
  }
}

async function fill(
  path: string,
  recipe: IndexRecipe,
  lists: readonly FetchedList[],
  signal: AbortSignal,
): Promise<void> {
  const sqlite = new DatabaseSync(path);
  try {
    // Built aside and thrown away when anything goes wrong: no journal needed, and half a minute saved.
    sqlite.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE");
    sqlite.exec(`${recipe.schema}; BEGIN`);
    const { take, endList } = recipe.begin(sqlite);
    for (const list of lists) {
      await readList(list, take, signal);
      endList();
    }
    sqlite.exec(`COMMIT; ${recipe.finish}`);
  } finally {
    sqlite.close();
  }
}

async function readList(list: FetchedList, onPiece: (piece: Buffer) => void, signal: AbortSignal): Promise<void> {
  const result = await run(["/usr/lib/apt/apt-helper", "cat-file", list.path], {
    deadlineMs: readDeadlineMs,
    maxStdoutBytes: maxListBytes,
    onStdout: onPiece,
    signal,
  });
  signal.throwIfAborted();
  if (succeeded(result)) return;
  throw new ServiceFailure(`The package list ${list.path} cannot be read: ${describeEnd(result)} ${result.stderr}`, {
    remedy: "Remove the file; the next update fetches it again.",
  });
}

async function synced(path: string): Promise<void> {
  const file = await open(path, "r");
  await file.sync();
  await file.close();
}

// Who has an older index open keeps reading it: a removed file lives on until it is closed.
async function removeOthers(folder: string, name: string, kept: string, names: readonly string[]): Promise<void> {
  const others = names.filter((other) => other.startsWith(`${name}-`) && other.endsWith(".db"));
  for (const other of others) {
    if (join(folder, other) !== kept) await rm(join(folder, other), { force: true });
  }
}
