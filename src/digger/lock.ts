import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../system/clock.ts";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { type ProcessIdentity, startTicksOf } from "../system/process-identity.ts";
import { formatLock, type LockContent, parseLock, runningLock } from "./lock-file.ts";

/**
 * What is known of a lock.
 * - `live`: a batch is running
 * - `failed`: a batch failed and said why; a person has to look
 * - `rebooted`: the machine went down in mid-batch
 * - `killed`: the batch vanished on this boot without a word
 */
export type LockState =
  | { readonly kind: "free" }
  | { readonly kind: "live" | "failed" | "rebooted" | "killed"; readonly content: LockContent };

export type Acquired =
  | { readonly kind: "acquired"; readonly tookOver: boolean }
  | { readonly kind: "held"; readonly state: Exclude<LockState, { kind: "free" }>; readonly remindNow: boolean };

export type LockOptions = {
  readonly path: string;
  readonly identity: ProcessIdentity;
  readonly clock: Clock;
  /** How long after a reminder the next one is due. A day unless told. */
  readonly remindAfterMs?: number;
};

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Takes the lock, or says who holds it. A lock from before a reboot without a noted failure is taken over; a
 * batch that was killed on this boot is noted as a failure. Decisions are serialised among processes.
 */
export function acquireLock(options: LockOptions): Acquired {
  return guarded(options.path, () => {
    const state = inspectLock(options);
    if (state.kind === "free" || state.kind === "rebooted") {
      writeLock(options.path, runningLock(options.identity, options.clock.now()));
      return { kind: "acquired", tookOver: state.kind === "rebooted" };
    }
    return { kind: "held", state, remindNow: noteAndRemind(state, options) };
  });
}

/** What the lock file says now. */
export function inspectLock(options: Pick<LockOptions, "path" | "identity">): LockState {
  const text = readLockFile(options.path);
  if (text === null) return { kind: "free" };
  const content = parseLock(text);
  if (content.reason !== null) return { kind: "failed", content };
  if (content.pid === null)
    return { kind: "failed", content: { ...content, reason: "the lock file names no process" } };
  if (content.bootId !== null && content.bootId !== options.identity.bootId) return { kind: "rebooted", content };
  return { kind: isAlive(content) ? "live" : "killed", content };
}

/** Removes the lock of a batch that ended cleanly. */
export function releaseLock(options: Pick<LockOptions, "path">): void {
  guarded(options.path, () => rmSync(options.path, { force: true }));
}

/** Leaves the lock in place with the reason, so that nothing runs until a person has looked. */
export function failLock(options: LockOptions, reason: string): void {
  guarded(options.path, () => {
    const now = options.clock.now();
    writeLock(options.path, { ...runningLock(options.identity, now), reason, reminded: now.toISOString() });
  });
}

/** Takes a failed or killed batch's lock away. Refused while a batch is running. */
export function unlock(options: LockOptions): LockState {
  return guarded(options.path, () => {
    const state = inspectLock(options);
    if (state.kind !== "live") rmSync(options.path, { force: true });
    return state;
  });
}

/**
 * Takes the lock for work that no batch may see half done, also from a batch that failed: that one's lock is to be put
 * back afterwards (`before`), because a person has still to look. Null while a batch is running.
 */
export function borrowLock(options: LockOptions): { readonly before: LockContent | null } | null {
  return guarded(options.path, () => {
    const state = inspectLock(options);
    if (state.kind === "live") return null;
    writeLock(options.path, runningLock(options.identity, options.clock.now()));
    return { before: state.kind === "failed" || state.kind === "killed" ? state.content : null };
  });
}

/** Ends what `borrowLock` began. */
export function giveLockBack(
  options: Pick<LockOptions, "path">,
  { before }: { readonly before: LockContent | null },
): void {
  guarded(options.path, () => {
    if (before === null) rmSync(options.path, { force: true });
    else writeLock(options.path, before);
  });
}

// A pid is re-used sooner or later: the start time tells whether it is still the same process. Apport's own
// lock has the pid alone; there a living process of that number has to count.
function isAlive(content: LockContent): boolean {
  if (content.pid === null) return false;
  const ticks = startTicksOf(content.pid);
  return ticks !== null && (content.startTicks === null || content.startTicks === "" || content.startTicks === ticks);
}

function noteAndRemind(state: Exclude<LockState, { kind: "free" }>, options: LockOptions): boolean {
  const now = options.clock.now();
  if (state.kind === "live") return false;
  if (state.kind === "killed") {
    const reason = `the batch with process ${state.content.pid} was killed, or died, in mid-batch`;
    writeLock(options.path, { ...state.content, reason, reminded: now.toISOString() });
    return true;
  }
  const last = Date.parse(state.content.reminded ?? "");
  // A clock that was set back must not silence the reminders: a last reminder in the future counts as none.
  const due = !(now.getTime() >= last && now.getTime() - last < (options.remindAfterMs ?? dayMs));
  if (due) writeLock(options.path, { ...state.content, reminded: now.toISOString() });
  return due;
}

const longestLockBytes = 64 * 1024;

function readLockFile(path: string): string | null {
  try {
    return headOf(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new ServiceFailure(`the lock ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

// Whatever lies there: a pipe must not keep us waiting, nor a file of gigabytes fill the memory.
function headOf(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw new Error("it is not a regular file");
    const head = Buffer.alloc(longestLockBytes);
    return head.toString("utf8", 0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}

function writeLock(path: string, content: LockContent): void {
  const aside = `${path}.${process.pid}.new`;
  const file = openSync(aside, "w", 0o644);
  try {
    writeSync(file, formatLock(content));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
}

// Reading the lock, deciding and replacing it has to be one step among processes that start together. SQLite's
// write lock is such a mutex: a kernel file lock that vanishes with its process, whatever way that ends.
function guarded<T>(path: string, step: () => T): T {
  const guard = takeGuard(path);
  try {
    return step();
  } catch (error) {
    throw asLockFailure(error, path);
  } finally {
    guard.close();
  }
}

function takeGuard(path: string): DatabaseSync {
  let guard: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    guard = new DatabaseSync(`${path}.guard`);
    guard.exec("PRAGMA busy_timeout = 20000; BEGIN EXCLUSIVE");
    return guard;
  } catch (error) {
    guard?.close();
    throw asLockFailure(error, path);
  }
}

function asLockFailure(cause: unknown, path: string): unknown {
  // Node's own errors have a code: a full disk, no right to write, a guard that is no database.
  if (cause instanceof ServiceFailure || !(cause instanceof Error && "code" in cause)) return cause;
  return new ServiceFailure(`the lock ${path} cannot be used: ${cause.message}`, {
    cause,
    remedy: `Make room on its disk and let this user write there. ${path}.guard holds nothing: while no batch runs it may be deleted.`,
  });
}
