import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { elfOf } from "../elf-of.ts";
import { recordIn } from "../store/stored-file.ts";
import { asServiceFailure } from "../store/write-failure.ts";
import { type CacheEntry, cacheEntries, type EntryFile, ignoreMissing, sha256InName } from "./entries.ts";
import { asideName } from "./owner.ts";

export type Damaged = { readonly path: string; readonly reason: string };

export type Verified = {
  readonly files: number;
  readonly bytes: number;
  /** What was wrong, and is removed. */
  readonly damaged: readonly Damaged[];
};

/**
 * Reads every file and compares it with what is recorded: length, sha256, build-id. Damaged ones are removed; they
 * are fetched again when somebody needs them. Others may work with the cache meanwhile.
 *
 * @throws ServiceFailure when a folder cannot be read or written
 */
export async function verify(folder: string): Promise<Verified> {
  const damaged: Damaged[] = [];
  let files = 0;
  let bytes = 0;
  try {
    for (const entry of await cacheEntries(folder)) {
      for (const file of entry.files) {
        const inode = await inodeOf(removable(file));
        const reason = inode === null ? null : await faultOf(entry, file);
        files += 1;
        bytes += file.sizeBytes;
        if (reason === null || !(await remove(folder, file, inode))) continue;
        damaged.push({ path: file.path, reason });
      }
    }
  } catch (error) {
    throw asServiceFailure(error, `The cache ${folder} cannot be verified`);
  }
  return { files, bytes, damaged };
}

async function faultOf(entry: CacheEntry, file: EntryFile): Promise<string | null> {
  const sha256 = await sha256Of(file.path);
  if (sha256 === null) return null;
  if (file.kind === "package") {
    return basename(file.path).startsWith(`${sha256}.`) ? null : `its sha256 is ${sha256}`;
  }
  if (file.kind === "source") return sha256InName(file.path) === sha256 ? null : `its sha256 is ${sha256}`;
  const record = recordIn(dirname(file.path));
  if (record === null) return "its record is missing or damaged";
  if (record.sizeBytes !== file.sizeBytes) return `it is ${file.sizeBytes} bytes long, not ${record.sizeBytes}`;
  if (record.sha256 !== sha256) return `its sha256 is ${sha256}, not ${record.sha256}`;
  if (file.kind === "index") return null;
  const buildId = elfOf(file.path)?.buildId ?? "none";
  return buildId === buildIdOf(entry) ? null : `its build-id is ${buildId}`;
}

function buildIdOf({ name }: CacheEntry): string {
  return name.split("/").slice(1).join("");
}

async function sha256Of(path: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A disk that cannot read a file back has damaged it.
    if (code === "EIO") return "not readable";
    return ignoreMissing(error as NodeJS.ErrnoException) ?? null;
  }
  return hash.digest("hex");
}

// A stored file goes with its record.
function removable(file: EntryFile): string {
  return file.kind === "package" || file.kind === "source" ? file.path : dirname(file.path);
}

async function inodeOf(path: string): Promise<number | null> {
  return (await stat(path).catch(ignoreMissing))?.ino ?? null;
}

// Removed, or replaced by another process while we read it: then what we saw is not what is there now.
async function remove(folder: string, file: EntryFile, inode: number | null): Promise<boolean> {
  const path = removable(file);
  if ((await inodeOf(path)) !== inode) return false;
  const aside = join(folder, "symbols", "incoming", asideName());
  await rename(path, aside).catch(ignoreMissing);
  await rm(aside, { recursive: true, force: true });
  return true;
}
