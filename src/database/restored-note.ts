import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { ServiceFailure } from "../system/failure.ts";

const noteSchema = z.strictObject({
  /** The moment that the database is from (ISO 8601, UTC): what happened since is not in it. */
  asOf: z.iso.datetime(),
  /** Set when a batch has caught up: what was forgotten concerns crashes up to this one only. */
  forgotUpTo: z.int().nonnegative().nullable(),
});

/** What lies beside a database that was put back from a backup: `state.db.restored`. */
export type RestoredNote = z.output<typeof noteSchema>;

/**
 * The note beside a database; null when it was never put back, or is caught up.
 *
 * @throws ServiceFailure when there is one that cannot be read: then nobody knows what is missing in the database.
 */
export function readRestoredNote(path: string): RestoredNote | null {
  const file = noteBeside(path);
  try {
    return noteSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new ServiceFailure(`${file}, which tells what a restored database lacks, cannot be read`, {
      cause,
      remedy: `Write {"asOf":"2026-01-31T00:00:00Z","forgotUpTo":null} into it, with the time of the backup that was put back.`,
    });
  }
}

/** Writes the note, synced, so that it is there before the database that it tells of. */
export function writeRestoredNote(path: string, note: RestoredNote): void {
  const aside = `${noteBeside(path)}.new`;
  const file = openSync(aside, "w", 0o644);
  try {
    writeSync(file, `${JSON.stringify(note)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, noteBeside(path));
  syncFolder(dirname(path));
}

/** The database has all again. */
export function removeRestoredNote(path: string): void {
  rmSync(noteBeside(path), { force: true });
  syncFolder(dirname(path));
}

function noteBeside(path: string): string {
  return `${path}.restored`;
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
