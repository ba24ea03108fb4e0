import { type ServiceFailure, TransientFailure } from "../../../system/failure.ts";

type Circumstances = {
  readonly cause?: unknown;
  /** What the server asked for by Retry-After. */
  readonly retryAfterMs?: number | null;
  /** What it is if it lasts through all tries: a page that is no JSON is an accident once, but not four times. */
  readonly ifItLasts?: ServiceFailure;
};

/** One try that failed in passing: no answer, half of one, or one that says "later". Whether it had an effect is open. */
export class Hiccup extends TransientFailure {
  readonly retryAfterMs: number;
  readonly ifItLasts: ServiceFailure | undefined;

  constructor(message: string, { cause, retryAfterMs, ifItLasts }: Circumstances = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.retryAfterMs = retryAfterMs ?? 0;
    this.ifItLasts = ifItLasts;
  }
}
