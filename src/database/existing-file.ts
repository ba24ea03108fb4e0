import { type Stats, statSync } from "node:fs";
import { ServiceFailure } from "../system/failure.ts";

// SQLite's smallest page. What is shorter it takes for a database without tables, which would be filled anew.
const smallestBytes = 512;

/** What is at a path, or null. `hasOtherNames`: as a file that was being made when its maker was killed. */
export function lookAtFile(path: string): { readonly hasOtherNames: boolean } | null {
  const found = statOf(path);
  return found === undefined ? null : { hasOtherNames: found.nlink > 1 };
}

/**
 * Databases come into being whole (`createDatabaseFile`), so an empty file is one that has lost what was in it: a
 * full disk, a file system after a power cut, a copy that went wrong. Taken for a new one, everything would begin anew
 * without a word.
 *
 * @throws ServiceFailure for an empty file, or one of a few bytes.
 */
export function requireContent(path: string): void {
  const found = statOf(path);
  if (found === undefined || !found.isFile() || found.size >= smallestBytes) return;
  throw new ServiceFailure(`database ${path} is damaged: it is ${found.size === 0 ? "empty" : "cut off"}`, {
    remedy: "Put back its last good copy. If it is to be a new one, remove the file: it is made when it is missing.",
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
