import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileKind } from "../store/types.ts";

/** What is kept: files by build-id and gdb's indexes of them, packages (source packages too), and files out of these. */
export type EntryKind = FileKind | "index" | "package" | "source";

export type EntryFile = { readonly kind: EntryKind; readonly path: string; readonly sizeBytes: number };

/** What is kept and removed as one: the files of a build-id, a package, or what was read out of a source package. */
export type CacheEntry = {
  /** Below the cache folder: `symbols/ab/cdef…`, `apt/ROOT/packages/SHA256.deb`, `sources/ab/cdef…`. */
  readonly name: string;
  readonly files: readonly EntryFile[];
  readonly sizeBytes: number;
  /** When something of it was last put there, milliseconds since 1970. */
  readonly changedAt: number;
};

const kinds: readonly EntryKind[] = ["executable", "debug", "dwz", "index"];

/** Everything that the cache keeps. What vanishes while we look is left out: others work here too. */
export async function cacheEntries(folder: string): Promise<readonly CacheEntry[]> {
  return [
    ...(await byDigest(folder, "symbols", storedFiles)),
    ...(await packageEntries(folder)),
    ...(await byDigest(folder, "sources", sourceFiles)),
  ];
}

// Folders `TOP/ab/cdef…`, by build-id or by the digest of a name.
async function byDigest(folder: string, top: string, filesOf: FilesOf): Promise<readonly CacheEntry[]> {
  const found: CacheEntry[] = [];
  for (const start of (await names(join(folder, top))).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const rest of await names(join(folder, top, start))) {
      const entry = await entryOf(folder, `${top}/${start}/${rest}`, filesOf);
      if (entry !== null) found.push(entry);
    }
  }
  return found;
}

type FilesOf = (path: string) => Promise<readonly EntryFile[]>;

async function packageEntries(folder: string): Promise<readonly CacheEntry[]> {
  const found: CacheEntry[] = [];
  for (const root of await names(join(folder, "apt"))) {
    const packages = (await names(join(folder, "apt", root, "packages"))).filter(isPackageFile);
    for (const name of packages) {
      const entry = await entryOf(folder, `apt/${root}/packages/${name}`, packageFiles);
      if (entry !== null) found.push(entry);
    }
  }
  return found;
}

/** Whether it is the name of a kept package; what is being downloaded has another. */
export function isPackageFile(name: string): boolean {
  return /^[0-9a-f]{64}\.(?:deb|gz|bz2|xz|lzma|zst)$/.test(name);
}

async function entryOf(folder: string, name: string, filesOf: FilesOf): Promise<CacheEntry | null> {
  const path = join(folder, name);
  const changedAt = await changeTime(path);
  if (changedAt === null) return null;
  const files = await filesOf(path);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { name, files, sizeBytes, changedAt };
}

async function storedFiles(path: string): Promise<readonly EntryFile[]> {
  const found = await Promise.all(kinds.map((kind) => fileAt(kind, join(path, kind, "file"))));
  return found.filter((file) => file !== null);
}

async function packageFiles(path: string): Promise<readonly EntryFile[]> {
  const found = await fileAt("package", path);
  return found === null ? [] : [found];
}

/** Of a file `NAME-SHA256.json` in the folder of a source package: the sha256 that its content has to have. */
export function sha256InName(path: string): string | null {
  return /-([0-9a-f]{64})\.json$/.exec(path)?.[1] ?? null;
}

async function sourceFiles(path: string): Promise<readonly EntryFile[]> {
  const own = (await names(path)).filter((name) => sha256InName(name) !== null);
  const found = await Promise.all(own.map((name) => fileAt("source", join(path, name))));
  return found.filter((file) => file !== null);
}

async function fileAt(kind: EntryKind, path: string): Promise<EntryFile | null> {
  const found = await stat(path).catch(ignoreMissing);
  return found?.isFile() ? { kind, path, sizeBytes: found.size } : null;
}

/** When something was last put into (or as) this; null when it is not there. */
export async function changeTime(path: string): Promise<number | null> {
  return (await stat(path).catch(ignoreMissing))?.mtimeMs ?? null;
}

/** The names in a folder, none when there is no such folder. */
export async function names(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? [];
}

/** For what others may remove at any time: a missing file is none, every other failure is one. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
  return undefined;
}
