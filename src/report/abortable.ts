import { Interruption } from "./interruption.ts";

/**
 * The pieces of a stream, until the signal is aborted. Ending the stream itself is for the caller.
 *
 * A stream that has stalled does not always end when it is destroyed (one made of a generator waits for it),
 * so an abort has to win over the wait for its next piece.
 *
 * @throws what the stream throws; the signal's reason when it is aborted.
 */
export async function* abortable<T>(pieces: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  signal?.addEventListener("abort", onAbort, { once: true });
  const abort = new Interruption(promise);
  try {
    const iterator = pieces[Symbol.asyncIterator]();
    for (;;) {
      const next = await abort.until(iterator.next());
      signal?.throwIfAborted();
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
