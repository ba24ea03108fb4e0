import { rmSync } from "node:fs";
import { type Clock, isWithin } from "../system/clock.ts";
import { type ProcessIdentity, startTicksOf, wasStartedBy } from "../system/process-identity.ts";
import { formatLock, type LockContent, parseLock, runningLock } from "./lock-file.ts";
import { guarded, lockUnusable, readLockFile, type StoredLock, writeLockFile } from "./lock-storage.ts";

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
 *
 * @throws ServiceFailure when it can neither be read nor written; on a disk without room for it an empty lock is left.
 */
export function acquireLock(options: LockOptions): Acquired {
  const { path, identity, clock } = options;
  return guarded(path, () => {
    const state = inspectLock(options);
    if (state.kind !== "free" && state.kind !== "rebooted")
      return { kind: "held", state, remindNow: noteAndRemind(state, options) };
    if (!writeLock(options, runningLock(identity, clock.now()))) throw lockUnusable(path, "no space left on its disk");
    return { kind: "acquired", tookOver: state.kind === "rebooted" };
  });
}

/** What the lock file says now. */
export function inspectLock({ path, identity }: Pick<LockOptions, "path" | "identity">): LockState {
  const stored = readLockFile(path);
  if (stored === null) return { kind: "free" };
  const content = parseLock(stored.text);
  const failed = (reason: string, more: Partial<LockContent> = {}): LockState => {
    return { kind: "failed", content: { ...content, ...more, reason } };
  };
  if (content.reason !== null) return { kind: "failed", content };
  // There was no room to write it, and whoever left it has told so: its time is that of the last reminder.
  if (stored.text === "") return failed("the lock file is empty", { reminded: stored.writtenAt.toISOString() });
  if (content.pid === null) return failed("the lock file names no process");
  if (isOtherBoot(content, identity)) {
    // Another machine's, in a folder that both see: whether its batch is running cannot be told from here.
    const isElsewhere = content.host !== null && content.host !== identity.host;
    return isElsewhere ? failed(`the lock is held by another machine, ${content.host}`) : { kind: "rebooted", content };
  }
  return { kind: isAlive(content, stored) ? "live" : "killed", content };
}

/** Removes the lock of a batch that ended cleanly. One that is not this process's, or is another's by now, stays. */
export function releaseLock(options: Pick<LockOptions, "path" | "identity">): void {
  guarded(options.path, () => {
    if (isOurs(options)) rmSync(options.path, { force: true });
  });
}

/**
 * Leaves the lock in place with the reason, so that nothing runs until a person has looked.
 *
 * @throws ServiceFailure when it cannot be written.
 */
export function failLock(options: LockOptions, reason: string): void {
  guarded(options.path, () => {
    const now = options.clock.now();
    if (inspectLock(options).kind !== "free" && !isOurs(options)) return;
    writeLock(options, { ...runningLock(options.identity, now), reason, reminded: now.toISOString() });
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
    writeLock(options, runningLock(options.identity, options.clock.now()));
    return { before: state.kind === "failed" || state.kind === "killed" ? state.content : null };
  });
}

/** Ends what `borrowLock` began. */
export function giveLockBack(options: LockOptions, { before }: { readonly before: LockContent | null }): void {
  guarded(options.path, () => {
    if (before === null) rmSync(options.path, { force: true });
    else writeLock(options, before);
  });
}

// Where /proc does not tell, nothing is known of the boot: then the process number has to do.
function isOtherBoot({ bootId }: LockContent, own: ProcessIdentity): boolean {
  return bootId !== null && bootId !== "" && own.bootId !== "" && bootId !== own.bootId;
}

// A person may have removed the lock of a batch that was still running, and another one have made its own.
function isOurs({ path, identity }: Pick<LockOptions, "path" | "identity">): boolean {
  const stored = readLockFile(path);
  if (stored === null) return false;
  const { pid, bootId, startTicks } = parseLock(stored.text);
  return pid === identity.pid && bootId === identity.bootId && startTicks === identity.startTicks;
}

// A pid is re-used sooner or later: the start time tells whether it is still the same process. Apport's own lock has
// the pid alone: there it is the batch unless the process began after the lock was written.
function isAlive({ pid, startTicks }: LockContent, { writtenAt }: StoredLock): boolean {
  if (pid === null) return false;
  if (startTicks === null) return wasStartedBy(pid, writtenAt);
  const ticks = startTicksOf(pid);
  return ticks !== null && (startTicks === "" || startTicks === ticks);
}

function noteAndRemind(state: Exclude<LockState, { kind: "free" }>, options: LockOptions): boolean {
  const now = options.clock.now();
  if (state.kind === "live") return false;
  if (state.kind === "killed") {
    const reason = `the batch with process ${state.content.pid} was killed, or died, in mid-batch`;
    writeLock(options, { ...state.content, reason, reminded: now.toISOString() });
    return true;
  }
  const last = new Date(state.content.reminded ?? Number.NaN);
  const due = !isWithin(options.remindAfterMs ?? dayMs, last, now);
  if (due) writeLock(options, { ...state.content, reminded: now.toISOString() });
  return due;
}

function writeLock({ path, clock }: LockOptions, content: LockContent): boolean {
  return writeLockFile(path, formatLock(content), clock.now());
}
