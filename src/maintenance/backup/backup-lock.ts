import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { acquireLock, type LockOptions, releaseLock, unlock } from "../../digger/lock.ts";
import type { Clock } from "../../system/clock.ts";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import { ownIdentity } from "../../system/process-identity.ts";

/**
 * Does work on a folder of backups that only one process may do at a time. Null, and nothing is done, when another one
 * is at it. A lock that a killed process has left means nothing: what it had begun does not count.
 */
export async function withBackupLock<T>(folder: string, clock: Clock, work: () => Promise<T>): Promise<T | null> {
  makeFolder(folder);
  const lock: LockOptions = { path: join(folder, "backup.lock"), identity: ownIdentity(), clock };
  unlock(lock);
  if (acquireLock(lock).kind !== "acquired") return null;
  try {
    return await work();
  } finally {
    releaseLock(lock);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ServiceFailure(`the folder of backups ${folder} cannot be made: ${messageOf(cause)}`, {
      cause,
      remedy: "Let this user write there, or configure another folder (backup.dir).",
    });
  }
}
