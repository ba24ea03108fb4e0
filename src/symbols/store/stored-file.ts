import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
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
  if (!isBuildId(buildId)) throw new Error(`not a build-id: ${JSON.stringify(buildId)}`);
  return join(store, buildId.slice(0, 2), buildId.slice(2), kind);
}

/**
 * Looks a file up. A failing disk or a person may have touched it: length and build-id are compared each
 * time, and what does not fit is removed.
 */
export async function storedFile(store: string, buildId: string, kind: FileKind): Promise<StoredFile | null> {
  if (!isBuildId(buildId)) return null;
  const folder = folderOf(store, buildId, kind);
  const path = join(folder, "file");
  const status = await stat(folder).catch(() => null);
  if (status === null) return null;
  const record = await readRecord(join(folder, "record.json"));
  const sizeBytes = (await stat(path).catch(() => null))?.size;
  const elf = record !== null && sizeBytes === record.sizeBytes ? elfOf(path) : null;
  if (record === null || elf?.buildId !== buildId) {
    await drop(store, folder);
    return null;
  }
  return { path, elf, provenance: { source: record.source, package: record.package, sha256: record.sha256 } };
}

// Renamed first, so that nobody finds half of it.
async function drop(store: string, folder: string): Promise<void> {
  const aside = join(store, "incoming", randomUUID());
  await rename(folder, aside).catch(() => {});
  await rm(aside, { recursive: true, force: true });
}

async function readRecord(path: string): Promise<StoreRecord | null> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}
