import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, readlink, rename, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { asideName } from "../symbols/cache/owner.ts";
import { replaceFile } from "../system/replace-file.ts";

// A chroot's folder:
//   turn                      whoever changes anything here holds it
//   current, previous         links to the version that is used, and to the last good one before
//   versions/ID/              a whole system that was made or upgraded without a fault
//   versions/broken-ID/       one that was not, kept to be looked at
//   versions/new-PROCESS.…/   one that is being made; of a process that is gone: to be removed
//   overlays/PROCESS.…/       what one crash installs, thrown away with it
// In a version's folder: root/ (the system), record.json, uses/ (a file for each process that has it in use).

const text = z.string().max(100_000);
const recordSchema = z.object({
  format: z.literal(1),
  /** DistroRelease, and dpkg's name of the architecture. */
  release: text,
  architecture: text,
  /** Digest of the package lists that it is as new as. */
  lists: text,
  /** When it was made, and when it was last compared with the archive and found, or made, as new. */
  madeAt: text,
  checkedAt: text,
  /** First line of its gdb's `--version`; null while it was never asked. */
  gdb: text.nullable(),
  /** Why it is broken; null: it is not. */
  broken: text.nullable(),
});

export type ChrootRecord = Readonly<z.output<typeof recordSchema>>;

/** A version's folder and what is recorded of it; null where nothing readable is. */
export type ChrootVersion = { readonly id: string; readonly path: string; readonly record: ChrootRecord | null };

export type LinkName = "current" | "previous";

/** Names the folders of a chroot. */
export function versionsOf(chroot: string): string {
  return join(chroot, "versions");
}

export function overlaysOf(chroot: string): string {
  return join(chroot, "overlays");
}

export function rootOf(version: string): string {
  return join(version, "root");
}

/** A new name for a version: when it was made, for people, and something to tell it from others of that second. */
export function newVersionId(now: Date): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;
}

/** Makes an empty folder for a version that is being made by this process. */
export async function newVersionFolder(chroot: string): Promise<string> {
  const path = join(versionsOf(chroot), `new-${asideName()}`);
  await mkdir(path, { recursive: true, mode: 0o755 });
  return path;
}

/** The version that a link names, null when there is none. */
export async function linkedVersion(chroot: string, link: LinkName): Promise<ChrootVersion | null> {
  const target = await readlink(join(chroot, link)).catch(nullIfMissing);
  if (target === null) return null;
  const id = basename(target);
  const path = join(versionsOf(chroot), id);
  return { id, path, record: await readRecord(path) };
}

/** Lets a link name another version: whoever looks sees either the old or the new one. */
export async function setLink(chroot: string, link: LinkName, id: string): Promise<void> {
  const aside = join(chroot, `.${link}-${asideName()}`);
  await symlink(join("versions", id), aside);
  await rename(aside, join(chroot, link));
  await syncFolder(chroot);
}

/** What is recorded of a version; null when that cannot be read, which counts as nothing. */
export async function readRecord(version: string): Promise<ChrootRecord | null> {
  const content = await readFile(join(version, "record.json"), "utf8").catch(nullIfMissing);
  if (content === null) return null;
  try {
    return recordSchema.parse(JSON.parse(content));
  } catch {
    // Half written on a disk that was full, or by a later version of ours.
    return null;
  }
}

/** Records it, whole or not at all. */
export async function writeRecord(version: string, record: ChrootRecord): Promise<void> {
  replaceFile(join(version, "record.json"), `${JSON.stringify(record, null, 2)}\n`, 0o644);
  await syncFolder(version);
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
