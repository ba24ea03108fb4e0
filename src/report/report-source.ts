import { constants, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Interruption } from "./interruption.ts";
import { Malformed } from "./malformed.ts";

const chunkBytes = 256 * 1024;

/**
 * The bytes of a report from a file or a stream (stdin, an upload), at most `maxBytes` of them.
 * The stream is destroyed when reading stops, early or not.
 *
 * @throws Malformed (`unreadable`, `too-large`); the signal's reason when it is aborted.
 */
export async function* reportChunks(
  source: string | Readable,
  maxBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  const stream = typeof source === "string" ? await openFile(source) : source;
  const abort = abortOf(signal);
  let sizeBytes = 0;
  try {
    const chunks: AsyncIterator<Buffer | string> = stream[Symbol.asyncIterator]();
    for (;;) {
      const chunk = await abort.event.until(nextChunk(chunks));
      signal?.throwIfAborted();
      if (chunk === null || chunk === undefined) return;
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new Malformed("too-large", `the report is larger than ${maxBytes} bytes`);
      yield chunk;
    }
  } finally {
    abort.release();
    stream.destroy();
  }
}

async function nextChunk(chunks: AsyncIterator<Buffer | string>): Promise<Buffer | null> {
  try {
    const { done, value } = await chunks.next();
    if (done === true) return null;
    return typeof value === "string" ? Buffer.from(value) : value;
  } catch (error) {
    throw unreadable(error);
  }
}

// A stream that has stalled does not always end when it is destroyed (one made of a generator waits for it),
// so an abort has to win over the wait for its next piece.
function abortOf(signal: AbortSignal | undefined): { event: Interruption; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  signal?.addEventListener("abort", onAbort, { once: true });
  return { event: new Interruption(promise), release: () => signal?.removeEventListener("abort", onAbort) };
}

function unreadable(error: unknown): Malformed {
  return new Malformed("unreadable", `the report cannot be read: ${error instanceof Error ? error.message : error}`);
}

// Crash folders are writable for everybody. A named pipe in one of them would hold the batch for ever in
// its open(), so it is opened without waiting and looked at before anything is read.
async function openFile(path: string): Promise<Readable> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    throw unreadable(error);
  });
  if (!(await handle.stat()).isFile()) {
    await handle.close();
    throw new Malformed("unreadable", "the report is not a regular file");
  }
  return handle.createReadStream({ highWaterMark: chunkBytes });
}
