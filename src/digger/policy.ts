/** How patient a batch is; from `[batch]` of the configuration. */
export type BatchPolicy = {
  /** How long after a first try the second one is due; each further delay is `retryFactor` times the one before. */
  readonly retryDelayMs: number;
  readonly retryFactor: number;
  /** After so many tries a crash becomes a dead letter. */
  readonly maxAttempts: number;
  /** How long a crash waits for debug symbols. */
  readonly parkedMs: number;
  /** How long the tracker may be away before a person is told. */
  readonly outageMs: number;
  /** Pauses before a call of the tracker is repeated within a batch, and for how long a batch pauses in all. */
  readonly trackerPausesMs: readonly number[];
  readonly trackerPatienceMs: number;
};

const weekMs = 7 * 24 * 3600 * 1000;

/** When a crash that has been tried so many times is tried again; never more than a week later. */
export function nextTryAt(tries: number, now: Date, policy: Pick<BatchPolicy, "retryDelayMs" | "retryFactor">): Date {
  const delayMs = policy.retryDelayMs * policy.retryFactor ** (tries - 1);
  return new Date(now.getTime() + Math.min(delayMs, weekMs));
}

/**
 * Whether the time for the next try has come. One further off than any delay was set by a clock that was wrong then: the
 * crash must not wait for that year.
 */
export function isDue(nextAt: string, now: Date): boolean {
  const waitMs = Date.parse(nextAt) - now.getTime();
  return waitMs <= 0 || waitMs > weekMs;
}
