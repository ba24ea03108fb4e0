import { type Acquired, acquireLock, failLock, type LockOptions, releaseLock } from "../digger/lock.ts";
import { failureNotice } from "../notify/failure-notice.ts";
import { messageOf } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import { exitCode } from "./exit.ts";
import { printableLines } from "./printable.ts";
import { type Stopped, stoppable } from "./stop-signals.ts";

/**
 * Runs work with the lock held: removed when it ends well or is told to stop, kept with the reason otherwise. The
 * signals are heeded from before the lock is there until it is gone, so that none of them leaves it behind.
 *
 * @param explain may add to what a person is told of a failure.
 * @returns the exit code; 0 also when another batch holds the lock.
 * @throws ServiceFailure when the lock cannot be used.
 */
export async function underLock(
  lock: LockOptions,
  log: Log,
  explain: (error: unknown) => Promise<unknown>,
  work: (controller: AbortController) => Promise<void>,
): Promise<number> {
  return await stoppable(async ({ controller, stopped, settled }) => {
    const acquired = acquireLock(lock);
    if (acquired.kind === "held") {
      const code = tellHeld(acquired, lock, log);
      // Whether the log's line could be written is told in the next turns.
      await settled(Promise.resolve());
      return code;
    }
    if (acquired.tookOver) log.event("lock taken over: the machine went down in mid-batch", { lock: lock.path });
    try {
      await settled(work(controller));
      releaseLock(lock);
      return exitCode.ok;
    } catch (error) {
      const by = stopped();
      return by === null ? await endedByFailure(error, lock, explain) : endedBySignal(by, lock, log);
    }
  });
}

async function endedByFailure(
  error: unknown,
  lock: LockOptions,
  explain: (error: unknown) => Promise<unknown>,
): Promise<number> {
  const unmarked = markFailed(lock, messageOf(error).slice(0, 4000));
  const context = { host: lock.identity.host, time: lock.clock.now(), lockPath: lock.path };
  process.stderr.write(printableLines(failureNotice(await explain(error), context)));
  if (unmarked !== null)
    process.stderr.write(printableLines(`The reason could not be written into the lock: ${unmarked}\n`));
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

function endedBySignal({ signal, exitCode: code }: Stopped, lock: LockOptions, log: Log): number {
  releaseLock(lock);
  log.event("batch stopped by a signal; the next one goes on from here", { signal });
  return code;
}

function tellHeld(held: Extract<Acquired, { kind: "held" }>, lock: LockOptions, log: Log): number {
  const { state, remindNow } = held;
  const { pid, reason } = state.content;
  if (state.kind === "live") {
    log.event("another batch is running; nothing done", { lock: lock.path, pid });
    return exitCode.ok;
  }
  log.event("the lock of a failed batch is there; nothing done", { lock: lock.path, reason });
  if (remindNow) process.stderr.write(printableLines(reminder(held, lock.path)));
  return state.kind === "killed" ? exitCode.failed : exitCode.ok;
}

const killedHint =
  'Who kills: the kernel when memory runs out ("journalctl -k" or "dmesg" says "Out of memory"), systemd at a time limit, a person.';

function reminder({ state }: Extract<Acquired, { kind: "held" }>, path: string): string {
  const { pid, reason, time } = state.content;
  return [
    `crash-digger is stopped: ${reason ?? `process ${pid} was killed, or died, in mid-batch`}`,
    "",
    `A batch failed${time === null ? "" : ` (it wrote its lock at ${time})`}, and no other runs until a person has looked.`,
    ...(state.kind === "killed" ? [killedHint] : []),
    `What to do: mend the cause, then "crash-digger unlock" (or delete ${path}).`,
    "",
  ].join("\n");
}
