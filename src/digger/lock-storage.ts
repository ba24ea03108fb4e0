import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { holdMutex } from "../system/file-mutex.ts";
import { replaceFile } from "../system/replace-file.ts";

/** A lock file: the head of its text, and when it was written last. */
export type StoredLock = { readonly text: string; readonly writtenAt: Date };

const longestLockBytes = 64 * 1024;

/**
 * The lock file, null when there is none.
 *
 * @throws ServiceFailure when something lies there that cannot be read.
 */
export function readLockFile(path: string): StoredLock | null {
  try {
    return headOf(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    const remedy = `Let this user read it. If no batch is running it may be removed.`;
    throw new ServiceFailure(`the lock ${path} cannot be read: ${messageOf(cause)}`, { cause, remedy });
  }
}

// Whatever lies there: a pipe must not keep us waiting, nor a file of gigabytes fill the memory.
function headOf(path: string): StoredLock {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new Error("it is not a regular file");
    const head = Buffer.alloc(longestLockBytes);
    const text = head.toString("utf8", 0, readSync(file, head, 0, head.length, 0));
    return { text, writtenAt: found.mtime };
  } finally {
    closeSync(file);
  }
}

/**
 * Puts a text in place of whatever the lock says, whole or not at all. To be called inside `guarded`.
 *
 * @returns whether it is there. On a full disk it is put into the file's own block, if there is a file; without one an
 *   empty file is left, because a name needs no room, and `now` becomes its time.
 */
export function writeLockFile(path: string, text: string, now: Date): boolean {
  try {
    // One name for all: the guard keeps others away, and what a killed process left is overwritten by the next one.
    replaceFile(path, text, 0o644, `${path}.new`);
    return true;
  } catch (error) {
    if (!hasNoRoom(error)) throw error;
    return overwrite(path, text, now);
  }
}

// The smallest block that file systems have: so much of a file that is there may be written over without asking for more.
const blockBytes = 4096;

function overwrite(path: string, text: string, now: Date): boolean {
  const bytes = Buffer.from(text).subarray(0, blockBytes);
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  try {
    const { size } = fstatSync(file);
    if (size > 0) return writeOver(file, bytes);
    futimesSync(file, now, now);
    return false;
  } finally {
    closeSync(file);
  }
}

function writeOver(file: number, bytes: Buffer): boolean {
  try {
    const written = writeSync(file, bytes, 0, bytes.length, 0);
    ftruncateSync(file, written);
    fsyncSync(file);
    return written === bytes.length;
  } catch (error) {
    // A file system that never writes over what is there (btrfs) has no room for this either.
    if (!hasNoRoom(error)) throw error;
    return false;
  }
}

function hasNoRoom(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

/**
 * Reading the lock, deciding and replacing it has to be one step among processes that start together.
 *
 * @throws ServiceFailure when the folder, the guard or the lock cannot be used.
 */
export function guarded<T>(path: string, step: () => T): T {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    using _guard = holdMutex(`${path}.guard`, 20_000);
    return step();
  } catch (error) {
    throw asLockFailure(error, path);
  }
}

function asLockFailure(cause: unknown, path: string): unknown {
  // Node's own errors have a code: a full disk, no right to write, a guard that is no database.
  if (cause instanceof ServiceFailure || !(cause instanceof Error && "code" in cause)) return cause;
  return lockUnusable(path, cause.message, cause);
}

/** The failure for a lock that cannot be written. */
export function lockUnusable(path: string, why: string, cause?: unknown): ServiceFailure {
  return new ServiceFailure(`the lock ${path} cannot be used: ${why}`, {
    cause,
    remedy: `Make room on its disk and let this user write there. ${path}.guard holds nothing: while no batch runs it may be deleted.`,
  });
}
