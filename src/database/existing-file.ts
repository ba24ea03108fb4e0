import { existsSync, type Stats, statSync } from "node:fs";
import { DamagedDatabase } from "./damaged-database.ts";
import { markPath } from "./known-sound.ts";

// SQLite's smallest page. What is shorter it takes for a database without tables, which would be filled anew.
const smallestBytes = 512;

/** What is at a path, or null. `hasOtherNames`: as a file that was being made when its maker was killed. */
export function lookAtFile(path: string): { readonly hasOtherNames: boolean } | null {
  const found = statOf(path);
  return found === undefined ? null : { hasOtherNames: found.nlink > 1 };
}

/**
 * A database that was there once (its mark is) and is gone was lost: a command that hit the wrong folder, a disk that
 * is not mounted. Made anew without a word, the duplicates of years would be new crashes.
 *
 * @throws DamagedDatabase when the file is not there but its mark is.
 */
export function requirePresence(path: string): void {
  if (statOf(path) !== undefined || !existsSync(markPath(path))) return;
  throw new DamagedDatabase(path, `database ${path} is gone: ${markPath(path)} tells that it was there`, {
    remedy: `Put back its last good copy (crash-digger backup list). To begin with an empty one, remove ${markPath(path)} too.`,
  });
}

/**
 * Databases come into being whole (`createDatabaseFile`), so an empty file is one that has lost what was in it: a
 * full disk, a file system after a power cut, a copy that went wrong. Taken for a new one, everything would begin anew
 * without a word.
 *
 * @throws DamagedDatabase for an empty file, or one of a few bytes.
 */
export function requireContent(path: string): void {
  const found = statOf(path);
  if (found === undefined || !found.isFile() || found.size >= smallestBytes) return;
  throw new DamagedDatabase(path, `database ${path} is damaged: it is ${found.size === 0 ? "empty" : "cut off"}`, {
    remedy: `Put back its last good copy (crash-digger backup list). If it is to be a new one, remove the file and ${markPath(path)}: it is made when both are missing.`,
  });
}

// What cannot be looked at SQLite cannot open either, and says why.
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
