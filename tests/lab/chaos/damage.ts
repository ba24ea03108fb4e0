import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Random } from "../random.ts";
import type { ChaosWorld } from "./chaos-world.ts";

const suffixes = ["", "-wal", "-shm", "-journal"];
const pageBytes = 4096;

/** The databases whose loss would matter, in the state folder. */
const databases = ["state.db", "duplicates.db", "tracker/tracker.db"];

/**
 * Damages one of the databases in a way that SQLite's own check finds, and keeps the last good copy. (Bytes that change
 * inside of a text cannot be found by anybody.)
 */
export async function damageDatabase(world: ChaosWorld, random: Random): Promise<void> {
  const path = join(world.command.stateFolder, random.pick(databases));
  if (!existsSync(path)) return;
  keepCopy(world, path);
  damage(path, random);
  if (isSound(path)) putCopyBack(world, path);
}

/** Puts the last good copy back in place of a damaged database, as its message says. */
export function putCopyBack(world: ChaosWorld, path: string): void {
  if (!existsSync(copyOf(world, path))) throw new Error(`${path} was damaged by nobody, and there is no copy of it`);
  copyAll(copyOf(world, path), path);
}

function keepCopy(world: ChaosWorld, path: string): void {
  mkdirSync(dirname(copyOf(world, path)), { recursive: true });
  copyAll(path, copyOf(world, path));
}

function copyAll(from: string, to: string): void {
  for (const suffix of suffixes) {
    rmSync(`${to}${suffix}`, { force: true });
    if (existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${to}${suffix}`);
  }
}

function copyOf({ lab }: ChaosWorld, path: string): string {
  return join(lab.folder, "good-copies", basename(path));
}

function damage(path: string, random: Random): void {
  const bytes = readFileSync(path);
  const pages = Math.max(1, Math.floor(bytes.length / pageBytes));
  switch (random.below(3)) {
    case 0:
      truncateSync(path, random.below(bytes.length));
      return;
    case 1:
      random.bytes(100).copy(bytes, 0);
      break;
    default:
      random.bytes(pageBytes).copy(bytes, random.below(pages) * pageBytes);
  }
  writeFileSync(path, bytes);
}

function isSound(path: string): boolean {
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare("PRAGMA integrity_check").all();
    return rows.length === 1 && rows[0]?.["integrity_check"] === "ok";
  } catch {
    // What cannot even be opened is damaged, which is what was wanted.
    return false;
  }
}
