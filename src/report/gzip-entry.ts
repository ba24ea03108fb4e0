import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, crc32, createDeflateRaw } from "node:zlib";

/** The data of a binary field: a file, or a stream that is used up. */
export type BinarySource = { readonly path: string } | { readonly stream: Readable };

const pieceBytes = 128 * 1024;

/**
 * The lines of a binary field as Apport lays them out: `Key: base64`, then the gzip header with the key
 * as file name, a line for each piece of compressed data, and on the last line the rest with the trailer.
 * Each line is base64 of its own.
 */
export async function* gzipEntry(key: string, source: BinarySource, signal?: AbortSignal): AsyncGenerator<Buffer> {
  yield Buffer.from(`${key}: base64\n`);
  yield base64Line(gzipHeader(key));
  const sum: Checksum = { crc32: 0, sizeBytes: 0 };
  // Cores are large and mostly zeros: the fastest level takes a fraction of the time for a little more space.
  const deflate = createDeflateRaw({ level: constants.Z_BEST_SPEED, chunkSize: pieceBytes });
  const fed = pipeline(
    openSource(source),
    (pieces) => summed(pieces, sum),
    deflate,
    signal === undefined ? {} : { signal },
  );
  // A failure of the source also ends the loop below, with the same error.
  fed.catch(() => {});
  let last: Buffer = Buffer.alloc(0);
  for await (const piece of deflate) {
    if (last.length > 0) yield base64Line(last);
    last = piece;
  }
  await fed;
  yield base64Line(Buffer.concat([last, gzipTrailer(sum)]));
}

type Checksum = { crc32: number; sizeBytes: number };

function openSource(source: BinarySource): Readable {
  return "path" in source ? createReadStream(source.path, { highWaterMark: pieceBytes }) : source.stream;
}

async function* summed(pieces: AsyncIterable<Buffer>, sum: Checksum): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    sum.crc32 = crc32(piece, sum.crc32);
    sum.sizeBytes += piece.length;
    yield piece;
  }
}

function base64Line(bytes: Buffer): Buffer {
  return Buffer.from(` ${bytes.toString("base64")}\n`, "latin1");
}

// RFC 1952: deflate, with a file name, without a time (equal data gives equal files), made on Unix.
function gzipHeader(key: string): Buffer {
  return Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 4, 3]), Buffer.from(`${key}\0`, "latin1")]);
}

function gzipTrailer(sum: Checksum): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum.crc32, 0);
  trailer.writeUInt32LE(sum.sizeBytes % 2 ** 32, 4);
  return trailer;
}
