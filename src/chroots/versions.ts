import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { asideName, isAbandoned } from "../symbols/cache/owner.ts";
import type { Clock } from "../system/clock.ts";
import { messageOf } from "../system/failure.ts";
import { run, succeeded } from "../system/process.ts";
import { asRoot } from "./as-root.ts";
import { commandFailure, isNoRoom } from "./failure.ts";
import {
  type ChrootRecord,
  type ChrootVersion,
  linkedVersion,
  newVersionId,
  overlaysOf,
  readRecord,
  rootOf,
  setLink,
  versionsOf,
  writeRecord,
} from "./layout.ts";
import type { ChrootPlace } from "./types.ts";

// Most of this is for whoever has the turn (turn.ts).

const removeDeadlineMs = 30 * 60_000;

/** Puts a finished version in the place of the present one, which becomes the previous one. */
export async function promote(chroot: string, made: string, record: ChrootRecord, now: Date): Promise<ChrootVersion> {
  await writeRecord(made, record);
  await synced(made);
  const id = newVersionId(now);
  const path = join(versionsOf(chroot), id);
  await rename(made, path);
  const before = await linkedVersion(chroot, "current");
  if (before !== null) await setLink(chroot, "previous", before.id);
  await setLink(chroot, "current", id);
  return { id, path, record };
}

async function synced(folder: string): Promise<void> {
  const result = await run(["sync", "--file-system", folder], { deadlineMs: removeDeadlineMs });
  if (!succeeded(result)) throw commandFailure(`sync of ${folder}`, result, result.stderr, "Look at the disk.");
}

/**
 * Keeps a version that went wrong, marked, to be looked at. One that filled the disk is kept without its files: with
 * them nothing else could go on.
 */
export async function keepBroken(place: ChrootPlace, made: string, error: unknown, now: Date): Promise<void> {
  const { folder: chroot, name: release, architecture } = place;
  if (isNoRoom(error)) await removeTree(rootOf(made));
  const at = now.toISOString();
  const reason = messageOf(error).slice(0, 90_000);
  const id = `broken-${newVersionId(now)}`;
  const path = join(versionsOf(chroot), id);
  await rename(made, path);
  for (const other of await names(versionsOf(chroot))) {
    if (other.startsWith("broken-") && other !== id) await removeUnused(join(versionsOf(chroot), other), now);
  }
  const what = { format: 1, release, architecture, lists: "", madeAt: at, checkedAt: at } as const;
  const record: ChrootRecord = { ...what, gdb: null, broken: reason };
  // A disk that is full may have no room even for this: the name says that it is broken.
  await writeRecord(path, record).catch(() => {});
}

/** The newest version that went wrong, if one is kept. */
export async function brokenVersion(chroot: string): Promise<ChrootVersion | null> {
  const found = (await names(versionsOf(chroot))).filter((name) => name.startsWith("broken-"));
  const id = found.toSorted().at(-1);
  if (id === undefined) return null;
  const path = join(versionsOf(chroot), id);
  return { id, path, record: await readRecord(path) };
}

/** Removes what killed processes left behind, and versions that are neither linked, nor in use, nor broken. */
export async function sweep(chroot: string, clock: Clock): Promise<void> {
  const now = clock.now();
  for (const name of await names(overlaysOf(chroot))) {
    await removeAbandoned(join(overlaysOf(chroot), name), now);
  }
  const kept = new Set<string | undefined>();
  for (const link of ["current", "previous"] as const) kept.add((await linkedVersion(chroot, link))?.id);
  for (const name of await names(versionsOf(chroot))) {
    const path = join(versionsOf(chroot), name);
    if (name.startsWith("new-")) await removeAbandoned(path, now);
    else if (!name.startsWith("broken-") && !kept.has(name)) await removeUnused(path, now);
  }
}

async function removeAbandoned(path: string, now: Date): Promise<void> {
  const changed = (await stat(path)).mtimeMs;
  if (isAbandoned(basename(path), now.getTime() - changed)) await removeTree(path);
}

/** Removes a version unless somebody uses it. @returns whether it is gone */
export async function removeUnused(version: string, now: Date): Promise<boolean> {
  if (await isUsed(version, now)) return false;
  await removeTree(version);
  return true;
}

/** Notes that this process uses a version, until it is disposed of. */
export async function noteUse(version: string): Promise<AsyncDisposable> {
  const uses = join(version, "uses");
  await mkdir(uses, { recursive: true, mode: 0o755 });
  const path = join(uses, asideName());
  await writeFile(path, "");
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** Whether a living process uses a version; notes of others are removed. */
export async function isUsed(version: string, now: Date): Promise<boolean> {
  let used = false;
  for (const name of await names(join(version, "uses"))) {
    const path = join(version, "uses", name);
    const changed = await stat(path).catch(() => null);
    if (changed === null) continue;
    if (isAbandoned(name, now.getTime() - changed.mtimeMs)) await rm(path, { force: true });
    else used = true;
  }
  return used;
}

/** Copies a system's files with everything about them; shares their blocks where the file system can. */
export async function copyTree(from: string, to: string, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const command: [string, ...string[]] = [...asRoot(), "cp", "--archive", "--reflink=auto", "--", from, to];
  const result = await run(command, { deadlineMs, signal });
  signal.throwIfAborted();
  if (succeeded(result)) return;
  throw commandFailure(`Copying ${from}`, result, result.stderr, "Make room on the disk that holds cache_dir.");
}

/** Removes a system's files, whoever in it owns them. @throws ServiceFailure when some cannot be removed */
export async function removeTree(path: string): Promise<void> {
  const command: [string, ...string[]] = [
    ...asRoot(),
    ...["rm", "--recursive", "--force", "--one-file-system", "--", path],
  ];
  const result = await run(command, { deadlineMs: removeDeadlineMs });
  if (succeeded(result)) return;
  throw commandFailure(`Removing ${path}`, result, result.stderr, "Remove it by hand, as root.");
}

async function names(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}
