import { constants } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { exitCode } from "./exit.ts";

type StopSignal = "SIGTERM" | "SIGINT" | "SIGHUP";

const stopSignals: readonly StopSignal[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** The signal that work was told to stop by, and the exit code that says so. */
export type Stopped = { readonly signal: StopSignal; readonly exitCode: number };

export type Stoppable = {
  /** Aborted by the signals and by an exception that nobody caught. */
  readonly controller: AbortController;
  /** Tells the signal, once one has come. */
  stopped(): Stopped | null;
  /** Waits for work; rejects with an exception that nobody caught, although the work itself may know nothing of it. */
  settled(work: Promise<void>): Promise<void>;
};

// What is under way gets so long to end, and its processes with it, when the program is broken.
const graceMs = 10_000;

/**
 * Runs work that the usual signals stop, and of which no exception gets lost: not even one out of an event that nobody
 * waits for, such as a log that cannot be written any more.
 */
export async function stoppable<T>(work: (stop: Stoppable) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  let by: StopSignal | null = null;
  let uncaught: { readonly error: unknown } | null = null;
  const onSignal = (name: StopSignal): void => {
    by ??= name;
    controller.abort(new Error(`stopped by ${name}`));
  };
  const onUncaught = (error: unknown): void => {
    uncaught ??= { error };
    controller.abort(error);
    setTimeout(() => giveUp(error, broken.reject), graceMs).unref();
  };
  const settled = async (work: Promise<void>): Promise<void> => {
    await Promise.race([work, broken.promise]);
    // What is wrong with the log's last line is told in the next turn, and thrown in the one after it.
    for (const _turn of [1, 2, 3]) await nextTurn();
    if (uncaught !== null) throw uncaught.error;
  };
  const stopped = (): Stopped | null => (by === null ? null : { signal: by, exitCode: 128 + constants.signals[by] });
  for (const name of stopSignals) process.on(name, onSignal);
  process.on("uncaughtException", onUncaught);
  try {
    return await work({ controller, stopped, settled });
  } finally {
    for (const name of stopSignals) process.off(name, onSignal);
    process.off("uncaughtException", onUncaught);
  }
}

// What has not ended by now never will, and must not keep the process: nobody waits for it.
function giveUp(error: unknown, reject: (error: unknown) => void): void {
  reject(error);
  setTimeout(() => process.exit(exitCode.failed), graceMs).unref();
}
