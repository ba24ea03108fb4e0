import type { Clock } from "../../../system/clock.ts";
import { TransientFailure } from "../../../system/failure.ts";
import { Hiccup } from "./hiccup.ts";
import type { Limits } from "./limits.ts";

/**
 * Leaves a host alone that failed several times in a row. Without it each of a thousand bugs would go through all its
 * tries and pauses, one after the other, against a server that is down.
 */
export class CircuitBreaker {
  readonly #host: string;
  readonly #limits: Pick<Limits, "failuresInARow" | "restMs">;
  readonly #clock: Clock;
  #failures = 0;
  #restsUntilMs = -Infinity;
  #lastReason = "";

  constructor(host: string, limits: Pick<Limits, "failuresInARow" | "restMs">, clock: Clock) {
    this.#host = host;
    this.#limits = limits;
    this.#clock = clock;
  }

  /**
   * Makes a call unless the host is to be left alone. After the rest the next call decides: one more failure, and the
   * host rests again.
   *
   * @throws TransientFailure at once while the host rests.
   */
  async guard<T>(call: () => Promise<T>): Promise<T> {
    if (this.#clock.monotonicMs() < this.#restsUntilMs) {
      throw new TransientFailure(
        `${this.#host} failed ${this.#failures} times in a row and is left alone for a while; the last time: ${this.#lastReason}`,
      );
    }
    try {
      const result = await call();
      this.#failures = 0;
      return result;
    } catch (error) {
      if (error instanceof Hiccup) this.#note(error);
      throw error;
    }
  }

  #note(hiccup: Hiccup): void {
    this.#failures += 1;
    this.#lastReason = hiccup.message;
    if (this.#failures < this.#limits.failuresInARow) return;
    this.#restsUntilMs = this.#clock.monotonicMs() + this.#limits.restMs;
  }
}
