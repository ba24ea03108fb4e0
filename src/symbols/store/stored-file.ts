import { readFileSync, type Stats, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { asideName } from "../cache/owner.ts";
import { elfOf } from "../elf-of.ts";
import { isBuildId } from "../module-path.ts";
import type { FileKind, StoredFile } from "./types.ts";

const recordSchema = z.object({
  source: z.string(),
  package: z.string().nullable(),
  sha256: z.string(),
  sizeBytes: z.int().positive(),
});

/** What is written beside each file: where it came from, and how long it has to be. */
export type StoreRecord = z.infer<typeof recordSchema>;

/**
 * Folder of one file in the store, `ab/cdef…/debug`; in it `file` and `record.json`, which appear together
 * when the folder is renamed into place. The id is checked: nothing else may become a path.
 */
export function folderOf(store: string, buildId: string, kind: FileKind): string {
  return join(buildIdFolder(store, buildId), kind);
}

/** Folder of everything that the store has under one build-id, `ab/cdef…`. */
export function buildIdFolder(store: string, buildId: string): string {
  if (!isBuildId(buildId)) throw new Error(`not a build-id: ${JSON.stringify(buildId)}`);
  return join(store, buildId.slice(0, 2), buildId.slice(2));
}

/**
 * Looks a file up. A failing disk or a person may have touched it: length and build-id are compared each
 * time, and what does not fit is removed.
 */
export async function storedFile(store: string, buildId: string, kind: FileKind): Promise<StoredFile | null> {
  if (!isBuildId(buildId)) return null;
  const folder = folderOf(store, buildId, kind);
  for (let look = 1; look <= maxLooks; look += 1) {
    const status = statusOf(folder);
    if (status === null) return null;
    const found = soundFile(folder, buildId);
    if (found !== null) return found;
    await dropUnlessReplaced(store, folder, status.ino);
  }
  return null;
}

const maxLooks = 3;

// A process with sixty libraries asks for some two hundred files, most of them in memory: waiting for a thread to look
// takes ten times as long as looking.
function soundFile(folder: string, buildId: string): StoredFile | null {
  const path = join(folder, "file");
  const record = recordIn(folder);
  const sizeBytes = statusOf(path)?.size;
  const elf = record !== null && sizeBytes === record.sizeBytes ? elfOf(path) : null;
  if (record === null || elf?.buildId !== buildId) return null;
  return { path, elf, provenance: { source: record.source, package: record.package, sha256: record.sha256 } };
}

/**
 * Removes a folder of a damaged file: renamed first, so that nobody finds half of it. If another process has
 * put a sound one in its place meanwhile (the inode tells), that stays.
 */
export async function dropUnlessReplaced(store: string, folder: string, inode: number): Promise<void> {
  if (statusOf(folder)?.ino !== inode) return;
  const aside = join(store, "incoming", asideName());
  await rename(folder, aside).catch(() => {});
  await rm(aside, { recursive: true, force: true });
}

/** What a path leads to; null when it is not there or cannot be looked at. */
export function statusOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    // A folder on the way is closed, or is none: whoever asks takes the file for missing.
    return null;
  }
}

/** What is written beside a stored file; null when it cannot be read as such. */
export function recordIn(folder: string): StoreRecord | null {
  try {
    return parseRecord(readFileSync(join(folder, "record.json"), "utf8"));
  } catch {
    // Gone, or not readable: the file beside it proves nothing then.
    return null;
  }
}

/** Reads a record; null when it is none. */
export function parseRecord(text: string): StoreRecord | null {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    // A damaged record: whoever asks drops the file, and it is fetched again.
    return null;
  }
}
