/**
 * One event that may cut many waits short, one wait at a time. Promise.race would do, but leaves
 * something behind on the event's promise each time: after a core of 64 GiB that is 100 MB.
 */
export class Interruption {
  #interrupt: () => void = () => {};
  #happened = false;

  /** @param event settles, either way, when the waits are to end. */
  constructor(event: Promise<unknown>) {
    const stop = (): void => {
      this.#happened = true;
      this.#interrupt();
    };
    event.then(stop, stop);
  }

  /** Settles as `wait` does, or resolves to undefined when the event comes first. */
  until<T>(wait: Promise<T>): Promise<T | undefined> {
    if (this.#happened) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve(undefined);
      wait.then(resolve, reject);
    });
  }
}
