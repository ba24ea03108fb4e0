import type { Clock } from "../../../system/clock.ts";
import type { Log } from "../../../system/log.ts";
import type { Addresses } from "./addresses.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { Credentials } from "./credentials.ts";
import type { ForeignWords } from "./foreign-words.ts";
import type { Limits } from "./limits.ts";

/** What every call works with. */
export type Wire = {
  readonly addresses: Addresses;
  /** Null: nobody in particular, who may only read what is public. */
  readonly credentials: Credentials | null;
  readonly limits: Limits;
  /** The files' hosts share one breaker: each private file lies on a host of its own. */
  readonly breakers: { readonly api: CircuitBreaker; readonly files: CircuitBreaker };
  readonly words: ForeignWords;
  readonly userAgent: string;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly chance: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  /** Ends everything, waits too. */
  readonly signal: AbortSignal;
};
