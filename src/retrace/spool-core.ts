import { createWriteStream } from "node:fs";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
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
  const file = createWriteStream(path, { flags: "wx", mode: 0o644 });
  try {
    await pipeline(stream, limited(maxBytes), file, { signal });
    return { kind: "spooled" };
  } catch (error) {
    signal.throwIfAborted();
    // Of the tracker, which gives us the core: away for the moment, or broken.
    if (error instanceof TransientFailure || error instanceof ServiceFailure) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (error instanceof TooLarge) return { kind: "damaged", reason: error.message };
    // zlib's errors are Z_DATA_ERROR and the like, or ZSTD_error_…: the stream is at fault, not this machine.
    if (/^(Z_|ZSTD_)/.test(code))
      return { kind: "damaged", reason: `the core cannot be decompressed (${messageOf(error)})` };
    const remedy = "Make room on the disk that holds cache_dir, and let this user write there.";
    throw new ServiceFailure(`the core cannot be written to ${path}: ${messageOf(error)}`, { cause: error, remedy });
  }
}

class TooLarge extends Error {}

function limited(maxBytes: number): Transform {
  let seenBytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      seenBytes += piece.length;
      if (seenBytes <= maxBytes) done(null, piece);
      else done(new TooLarge(`the core is larger than the allowed ${maxBytes} bytes (batch.max_core_bytes)`));
    },
  });
}
