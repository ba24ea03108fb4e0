/** The time, handed in where it is needed so that tests can choose it. */
export type Clock = {
  /** Wall-clock time. */
  now(): Date;
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  monotonicMs(): number;
};

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** Whether a moment lies so far back at most. One to come does not: it was noted before the clock was set back. */
export function isWithin(ms: number, moment: Date, now: Date): boolean {
  const ageMs = now.getTime() - moment.getTime();
  return ageMs >= 0 && ageMs < ms;
}
