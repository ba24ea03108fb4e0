import { AsyncLocalStorage } from "node:async_hooks";

/** One holder at a time; the others wait in the order in which they asked. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  readonly #inside = new AsyncLocalStorage<{ over: boolean }>();

  /**
   * Waits for our turn.
   *
   * @returns what ends the turn; to be called once.
   * @throws an Error when called from inside `hold`: such a caller would wait for itself.
   */
  async take(): Promise<() => void> {
    if (this.#inside.getStore()?.over === false) {
      throw new Error("a query outside the transaction was made inside its callback; use the transaction given to it");
    }
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    await before;
    return turn.resolve;
  }

  /** Runs work on behalf of the holder, so that a second `take` from inside it is noticed. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const mark = { over: false };
    try {
      return await this.#inside.run(mark, work);
    } finally {
      mark.over = true;
    }
  }
}
