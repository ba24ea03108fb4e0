import type { FileHandle } from "node:fs/promises";

const zeros = Buffer.alloc(64 * 1024);

/** Whether a piece of a file is left out of it: the pages of zeros of which a core has gigabytes. */
export function isHole(piece: Buffer): boolean {
  return piece.length <= zeros.length && piece.equals(zeros.subarray(0, piece.length));
}

/** A new file that is written from its beginning to its end, with runs of zeros left out as holes. */
export class SparseFile {
  readonly #handle: FileHandle;
  #sizeBytes = 0;

  /** @param handle of an empty file; closed by `finish` and `close`. */
  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** When it resolves, the piece is no longer needed. */
  async write(piece: Buffer): Promise<void> {
    if (!isHole(piece)) await writeFully(this.#handle, piece, this.#sizeBytes);
    this.#sizeBytes += piece.length;
  }

  /** Gives the file its length, holes at its end included, and closes it. */
  async finish(): Promise<void> {
    await this.#handle.truncate(this.#sizeBytes);
    await this.close();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function writeFully(handle: FileHandle, piece: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < piece.length) {
    const { bytesWritten } = await handle.write(piece, done, piece.length - done, position + done);
    done += bytesWritten;
  }
}
