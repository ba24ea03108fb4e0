import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { markPath } from "../../database/known-sound.ts";
import { forgetLog, WalWitness } from "../../database/wal-witness.ts";
import type { BackedDatabase } from "./types.ts";

/**
 * Puts a whole file in the place of a database; the old one is kept under another name, with what belongs to it. To be
 * called with the batch's lock held. Killed at any step, it leaves the old database or the new one.
 *
 * @param file in the database's folder, its content on the disk
 * @param keptAs the old one's name from now on
 */
export function putInPlace(file: string, { path, mode }: BackedDatabase, keptAs: string): void {
  takeAfter(file, path, mode);
  sync(file);
  if (existsSync(path)) linkSync(path, keptAs);
  // SQLite would apply a log of the old file to the new one. While the old one is there without its log, nobody may take
  // it for whole: the witness tells.
  new WalWitness(path).wrote();
  for (const suffix of ["-wal", "-journal"]) {
    if (existsSync(path + suffix)) renameSync(path + suffix, keptAs + suffix);
  }
  rmSync(`${path}-shm`, { force: true });
  renameSync(file, path);
  sync(dirname(path));
  forgetLog(path);
  rmSync(markPath(path), { force: true });
}

// Restored by root, it has to be the service's own all the same.
function takeAfter(file: string, path: string, mode: number): void {
  const before = statSync(path, { throwIfNoEntry: false });
  const owner: Stats = before ?? statSync(dirname(path));
  chmodSync(file, (before?.mode ?? mode) & 0o777);
  const made = statSync(file);
  if (made.uid !== owner.uid || made.gid !== owner.gid) chownSync(file, owner.uid, owner.gid);
}

function sync(path: string): void {
  const opened = openSync(path, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
