import { constants } from "node:os";

type StopSignal = "SIGTERM" | "SIGINT" | "SIGHUP";

const stopSignals: readonly StopSignal[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** The signal that work was told to stop by, and the exit code that says so. */
export type Stopped = { readonly signal: StopSignal; readonly exitCode: number };

/** Runs work that the usual signals stop: they abort its controller. `stopped` tells, once one has come. */
export async function stoppable<T>(
  work: (controller: AbortController, stopped: () => Stopped | null) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let by: StopSignal | null = null;
  const onSignal = (name: StopSignal): void => {
    by ??= name;
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of stopSignals) process.on(name, onSignal);
  try {
    return await work(controller, () => (by === null ? null : { signal: by, exitCode: 128 + constants.signals[by] }));
  } finally {
    for (const name of stopSignals) process.off(name, onSignal);
  }
}
