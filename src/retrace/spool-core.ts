import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { abortable } from "../report/abortable.ts";
import { Malformed } from "../report/malformed.ts";
import { SparseFile } from "../report/sparse-file.ts";
import { messageOf, ServiceFailure, TransientFailure } from "../system/failure.ts";

export type Spooled = { readonly kind: "spooled" } | { readonly kind: "damaged"; readonly reason: string };

/**
 * Writes a core's decoded bytes into a new file, in constant memory. The file is readable by everybody so that
 * the jail's own user can read it; the folder above it has to be closed to others.
 *
 * @returns `damaged` when the stream cannot be decoded to its end or is longer than `maxBytes`.
 * @throws ServiceFailure when the file cannot be written (a full disk, say).
 */
export async function spoolCore(
  stream: Readable,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Spooled> {
  // It may fail before it is read from, while the file is being opened; it is told when it is read.
  stream.on("error", () => {});
  try {
    await writeAll(abortable(stream, signal), path, maxBytes);
    return { kind: "spooled" };
  } catch (error) {
    signal.throwIfAborted();
    // Of the tracker, which gives us the core: away for the moment, or broken.
    if (error instanceof TransientFailure || error instanceof ServiceFailure) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    // A tracker that keeps cores as they were sent decodes them on the way.
    if (error instanceof Malformed)
      return { kind: "damaged", reason: `the core cannot be decompressed (${error.message})` };
    if (error instanceof TooLarge) return { kind: "damaged", reason: error.message };
    // zlib's errors are Z_DATA_ERROR and the like, or ZSTD_error_…: the stream is at fault, not this machine.
    if (/^(Z_|ZSTD_)/.test(code))
      return { kind: "damaged", reason: `the core cannot be decompressed (${messageOf(error)})` };
    const remedy = "Make room on the disk that holds cache_dir, and let this user write there.";
    throw new ServiceFailure(`the core cannot be written to ${path}: ${messageOf(error)}`, { cause: error, remedy });
  } finally {
    stream.destroy();
  }
}

class TooLarge extends Error {}

async function writeAll(pieces: AsyncIterable<Buffer>, path: string, maxBytes: number): Promise<void> {
  const file = new SparseFile(await open(path, "wx", 0o644));
  try {
    for await (const piece of pieces) {
      if (file.sizeBytes + piece.length > maxBytes) {
        throw new TooLarge(`the core is larger than the allowed ${maxBytes} bytes (batch.max_core_bytes)`);
      }
      await file.write(piece);
    }
    await file.finish();
  } catch (error) {
    await file.close();
    throw error;
  }
}
