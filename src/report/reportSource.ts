import { constants, open } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";
import { Malformed } from "./malformed.ts";

const chunkBytes = 256 * 1024;

/**
 * The bytes of a report from a file or a stream (stdin, an upload), at most `maxBytes` of them.
 * The stream is destroyed when reading stops early.
 *
 * @throws Malformed (`unreadable`, `too-large`); the signal's reason when it is aborted.
 */
export async function* reportChunks(
  source: string | Readable,
  maxBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  try {
    signal?.throwIfAborted();
    const stream = typeof source === "string" ? await openFile(source) : source;
    if (signal !== undefined) addAbortSignal(signal, stream);
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      sizeBytes += bytes.length;
      if (sizeBytes > maxBytes) throw new Malformed("too-large", `the report is larger than ${maxBytes} bytes`);
      yield bytes;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Malformed) throw error;
    throw new Malformed("unreadable", `the report cannot be read: ${(error as Error).message}`);
  }
}

// Crash folders are writable for everybody. A named pipe in one of them would hold the batch for ever in
// its open(), so it is opened without waiting and looked at before anything is read.
async function openFile(path: string): Promise<Readable> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (!(await handle.stat()).isFile()) {
    await handle.close();
    throw new Malformed("unreadable", "the report is not a regular file");
  }
  return handle.createReadStream({ highWaterMark: chunkBytes });
}
