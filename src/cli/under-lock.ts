import { CrashFailure } from "../digger/crash-failure.ts";
import { type Acquired, acquireLock, failLock, type LockOptions, releaseLock } from "../digger/lock.ts";
import { failureNotice } from "../notify/failure-notice.ts";
import { reminder } from "../notify/reminder.ts";
import type { Channels } from "../notify/tell.ts";
import { withoutSecrets } from "../notify/without-secrets.ts";
import { firstThrown, messageOf } from "../system/failure.ts";
import { exitCode } from "./exit.ts";
import { type Stopped, stoppable } from "./stop-signals.ts";
import { tellPeople } from "./tell-people.ts";

/** What is being done, for whoever is told that it failed. */
export type Underway = { batch?: number };

/**
 * Runs work with the lock held: removed when it ends well or is told to stop, kept with the reason otherwise, of which
 * people are told.
 *
 * @returns the exit code; 0 also when another batch holds the lock.
 * @throws ServiceFailure when the lock cannot be used.
 */
export async function underLock(
  lock: LockOptions,
  channels: Channels,
  work: (controller: AbortController, underway: Underway) => Promise<void>,
): Promise<number> {
  const { log } = channels;
  const acquired = acquireLock(lock);
  if (acquired.kind === "held") return await tellHeld(acquired, lock, channels);
  if (acquired.tookOver) log.event("lock taken over: the machine went down in mid-batch", { lock: lock.path });
  const underway: Underway = {};
  return await stoppable(async (controller, stopped) => {
    try {
      await work(controller, underway);
      releaseLock(lock);
      return exitCode.ok;
    } catch (error) {
      const by = stopped();
      return by === null ? await endedByFailure(error, lock, underway, channels) : endedBySignal(by, lock, channels);
    }
  });
}

async function endedByFailure(
  error: unknown,
  lock: LockOptions,
  { batch }: Underway,
  channels: Channels,
): Promise<number> {
  const first = firstThrown(error);
  failLock(lock, withoutSecrets(messageOf(error)).slice(0, 4000));
  const crash = first instanceof CrashFailure ? first.crash : undefined;
  const context = { host: lock.identity.host, time: lock.clock.now(), lockPath: lock.path, batch, crash };
  await tellPeople(failureNotice(error, context), channels);
  return exitCode.failed;
}

function endedBySignal({ signal, exitCode: code }: Stopped, lock: LockOptions, { log }: Channels): number {
  releaseLock(lock);
  log.event("batch stopped by a signal; the next one goes on from here", { signal });
  return code;
}

async function tellHeld(
  { state, remindNow }: Extract<Acquired, { kind: "held" }>,
  lock: LockOptions,
  channels: Channels,
): Promise<number> {
  const { pid, reason, time } = state.content;
  if (state.kind === "live") {
    channels.log.event("another batch is running; nothing done", { lock: lock.path, pid });
    return exitCode.ok;
  }
  channels.log.event("the lock of a failed batch is there; nothing done", { lock: lock.path, reason });
  const why = reason ?? `process ${pid} was killed, or died, in mid-batch`;
  if (remindNow) {
    await tellPeople(reminder({ path: lock.path, reason: why, time, host: lock.identity.host }), channels);
  }
  return state.kind === "killed" ? exitCode.failed : exitCode.ok;
}
