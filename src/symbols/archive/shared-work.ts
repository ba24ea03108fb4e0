import { setImmediate as nextTurn } from "node:timers/promises";

/** Asks for the work; resolves when a piece of it that began after the call has ended. */
export type SharedWork = (signal: AbortSignal) => Promise<void>;

type Round = { readonly done: Promise<void>; readonly join: (signal: AbortSignal) => () => void };

/**
 * Makes `work` shared: who asks while it is running waits for the next round, and all who wait share that one.
 * A retrace must not use lists that were fetched before it asked, or a package that was uploaded in between
 * stays unseen. The work is aborted when nobody wants it any more.
 */
export function sharedWork(work: (signal: AbortSignal) => Promise<void>): SharedWork {
  let running: Promise<void> | null = null;
  let next: Round | null = null;
  const plan = (): Round => {
    const wanted = countWanted();
    const previous = running;
    const begin = async (): Promise<void> => {
      // How the round before ended is told to those who asked for it, not to us.
      await previous?.catch(() => {});
      await nextTurn();
      running = done;
      next = null;
      await work(wanted.signal);
    };
    const done = begin();
    done.catch(() => {});
    return { done, join: wanted.join };
  };
  return async (signal) => {
    signal.throwIfAborted();
    next ??= plan();
    const round = next;
    const leave = round.join(signal);
    try {
      await round.done;
    } finally {
      leave();
    }
    signal.throwIfAborted();
  };
}

function countWanted() {
  const controller = new AbortController();
  let wanting = 0;
  const join = (signal: AbortSignal): (() => void) => {
    wanting += 1;
    const onAbort = (): void => {
      wanting -= 1;
      if (wanting === 0) controller.abort(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return () => signal.removeEventListener("abort", onAbort);
  };
  return { signal: controller.signal, join };
}
