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
 * people are told. The signals are heeded from before the lock is there until it is gone, so that none of them leaves it
 * behind.
 *
 * @param explain may add to what people are told of a failure.
 * @returns the exit code; 0 also when another batch holds the lock.
 * @throws ServiceFailure when the lock cannot be used.
 */
export async function underLock(
  lock: LockOptions,
  channels: Channels,
  explain: (error: unknown) => Promise<unknown>,
  work: (controller: AbortController, underway: Underway) => Promise<void>,
): Promise<number> {
  const { log } = channels;
  return await stoppable(async ({ controller, stopped, settled }) => {
    const acquired = acquireLock(lock);
    if (acquired.kind === "held") {
      const code = await tellHeld(acquired, lock, channels);
      // Whether the log's line could be written is told in the next turns.
      await settled(Promise.resolve());
      return code;
    }
    if (acquired.tookOver) log.event("lock taken over: the machine went down in mid-batch", { lock: lock.path });
    const underway: Underway = {};
    try {
      await settled(work(controller, underway));
      releaseLock(lock);
      return exitCode.ok;
    } catch (error) {
      const by = stopped();
      if (by !== null) return endedBySignal(by, lock, channels);
      return await endedByFailure(error, lock, explain, underway, channels);
    }
  });
}

async function endedByFailure(
  error: unknown,
  lock: LockOptions,
  explain: (error: unknown) => Promise<unknown>,
  { batch }: Underway,
  channels: Channels,
): Promise<number> {
  const first = firstThrown(error);
  const unmarked = markFailed(lock, withoutSecrets(messageOf(error)).slice(0, 4000));
  const crash = first instanceof CrashFailure ? first.crash : undefined;
  const context = { host: lock.identity.host, time: lock.clock.now(), lockPath: lock.path, batch, crash };
  const further = unmarked === null ? "" : `The reason could not be written into the lock: ${unmarked}\n`;
  await tellPeople(`${failureNotice(await explain(error), context)}${further}`, channels);
  return exitCode.failed;
}

// A disk so broken that not even this can be written is often what failed first, and that is what a person has to know.
function markFailed(lock: LockOptions, reason: string): string | null {
  try {
    failLock(lock, reason);
    return null;
  } catch (further) {
    return messageOf(further);
  }
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
  if (remindNow) {
    const why = reason ?? `process ${pid} was killed, or died, in mid-batch`;
    const left = { path: lock.path, reason: why, time, host: lock.identity.host, wasKilled: state.kind === "killed" };
    await tellPeople(reminder(left), channels);
  }
  return state.kind === "killed" ? exitCode.failed : exitCode.ok;
}
