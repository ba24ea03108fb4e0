import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import type { Provenance } from "../types.ts";
import { addFile } from "./add-file.ts";
import { storedFile } from "./stored-file.ts";
import { addIndex, type MadeIndex, storedIndex } from "./symbol-index.ts";
import type { AddResult, FileKind, StoredFile, StoredIndex } from "./types.ts";

/** The files we have, each once, under its build-id. */
export type SymbolStore = {
  readonly folder: string;
  /** The file, if we have it; one that turns out to be damaged is dropped and counts as missing. */
  lookup(buildId: string, kind: FileKind): Promise<StoredFile | null>;
  /**
   * Takes a file in, provided that it is an ELF file with this very build-id, or, of several, with one of
   * them. Nothing of a file that is refused stays behind.
   *
   * @throws ServiceFailure when the disk is full or not writable
   */
  add(
    kind: FileKind,
    wanted: string | readonly string[],
    content: Readable,
    origin: Omit<Provenance, "sha256">,
  ): Promise<AddResult>;
  /** gdb's index of the symbols of a file with this build-id; null when nobody has tried to make one. */
  lookupIndex(buildId: string): Promise<StoredIndex | null>;
  /**
   * Takes in what `make` writes to a path, or its words on why there is no index.
   *
   * @throws ServiceFailure when the disk is full or not writable
   */
  addIndex(buildId: string, make: (path: string) => Promise<MadeIndex>): Promise<StoredIndex>;
};

/**
 * Opens the store below a folder, making it if need be. Several processes may use it at once: a file is
 * written aside, on the same file system, and renamed when it is whole and verified.
 *
 * @throws ServiceFailure when the folder cannot be made
 */
export async function openSymbolStore(folder: string): Promise<SymbolStore> {
  try {
    await mkdir(join(folder, "incoming"), { recursive: true, mode: 0o755 });
  } catch (cause) {
    const remedy = "Give this user the right to write there, or set cache_dir to another folder.";
    throw new ServiceFailure(`The symbol store cannot be made: ${messageOf(cause)}`, { cause, remedy });
  }
  return {
    folder,
    lookup: (buildId, kind) => storedFile(folder, buildId, kind),
    add: (kind, wanted, content, origin) => addFile(folder, kind, [wanted].flat(), content, origin),
    lookupIndex: (buildId) => storedIndex(folder, buildId),
    addIndex: (buildId, make) => addIndex(folder, buildId, make),
  };
}
