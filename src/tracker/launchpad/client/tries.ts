import { Hiccup } from "./hiccup.ts";
import type { Wire } from "./wire.ts";

/** Tries something that may be repeated, with a pause after each hiccup. The last one is thrown. */
export async function withTries<T>(wire: Wire, attempt: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await attempt();
    } catch (error) {
      await pauseOrThrow(error, turn, wire);
    }
  }
}

/** After the n-th try: waits when another one is due, else throws what there is to throw. */
export async function pauseOrThrow(error: unknown, turn: number, wire: Wire): Promise<void> {
  if (!(error instanceof Hiccup)) throw error;
  if (turn >= wire.limits.tries) throw error.ifItLasts ?? error;
  await pauseAfter(error, turn, wire);
}

/**
 * Waits after the n-th hiccup: twice as long each time, half of it by chance so that many clients do not come back all
 * at once, and as long as the server asks for; but never longer than the limit.
 */
export async function pauseAfter(hiccup: Hiccup, turn: number, wire: Wire): Promise<void> {
  const { firstPauseMs, longestPauseMs } = wire.limits;
  const own = firstPauseMs * 2 ** (turn - 1) * (0.5 + wire.chance() / 2);
  const ms = Math.round(Math.min(longestPauseMs, Math.max(own, hiccup.retryAfterMs)));
  wire.log.event("Launchpad is asked again after a pause", {
    pauseMs: ms,
    reason: hiccup.message,
  });
  await wire.pause(ms, wire.signal);
}
