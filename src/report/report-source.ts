import { constants, type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { abortable } from "./abortable.ts";
import { Malformed } from "./malformed.ts";

const chunkBytes = 256 * 1024;

/**
 * The bytes of a report from a file or a stream (stdin, an upload), at most `maxBytes` of them.
 * The stream is destroyed when reading stops, early or not. A chunk is to be used before the next one is asked for:
 * those of a file all lie in the same place.
 *
 * @throws Malformed (`unreadable`, `too-large`); the signal's reason when it is aborted.
 */
export async function* reportChunks(
  source: string | Readable,
  maxBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  const { pieces, end } = typeof source === "string" ? piecesOf(await openFile(source)) : streamed(source);
  let sizeBytes = 0;
  try {
    for await (const piece of abortable(pieces, signal)) {
      const chunk = typeof piece === "string" ? Buffer.from(piece) : piece;
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new Malformed("too-large", `the report is larger than ${maxBytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Malformed ? error : unreadable(error);
  } finally {
    await end();
  }
}

type Pieces = { readonly pieces: AsyncIterable<Buffer | string>; readonly end: () => Promise<void> };

function streamed(stream: Readable): Pieces {
  return { pieces: stream, end: async () => void stream.destroy() };
}

function piecesOf(file: FileHandle): Pieces {
  return { pieces: filePieces(file), end: () => file.close() };
}

async function* filePieces(file: FileHandle): AsyncGenerator<Buffer> {
  const room = Buffer.allocUnsafeSlow(chunkBytes);
  for (;;) {
    const { bytesRead } = await file.read(room, 0, chunkBytes, null);
    if (bytesRead === 0) return;
    yield room.subarray(0, bytesRead);
  }
}

function unreadable(error: unknown): Malformed {
  return new Malformed("unreadable", `the report cannot be read: ${error instanceof Error ? error.message : error}`);
}

// Crash folders are writable for everybody. A named pipe in one of them would hold the batch for ever in
// its open(), so it is opened without waiting and looked at before anything is read.
async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    throw unreadable(error);
  });
  if (!(await handle.stat()).isFile()) {
    await handle.close();
    throw new Malformed("unreadable", "the report is not a regular file");
  }
  return handle;
}
