import { setTimeout } from "node:timers/promises";

/** Waits so many milliseconds; rejects with an AbortError as soon as the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal });
}
