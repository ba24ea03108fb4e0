import type { Transform } from "node:stream";
import { constants, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { Interruption } from "./interruption.ts";
import { Malformed } from "./malformed.ts";

/** Where decoded bytes go. */
export type Sink = { write(piece: Buffer): Promise<void> };

type Decompressor = Transform & { readonly bytesWritten: number };

type Codec = {
  readonly open: () => Decompressor;
  /** Whether several streams in a row decode to their contents in a row. */
  readonly concatenates: boolean;
};

const longestMagic = 4;
const maxStreams = 1024;
const outputPieceBytes = 64 * 1024;

/**
 * Decompresses one gzip, zstd or bare zlib stream into a sink, in constant memory, whatever the pieces' sizes.
 * Members of gzip (RFC 1952) and frames of zstd (RFC 8878) may follow one another; nothing else may.
 *
 * @throws Malformed for damage, a missing end, or bytes behind the end; what the sink throws passes through.
 */
export async function decompress(pieces: AsyncIterable<Buffer>, sink: Sink): Promise<void> {
  const input = pieces[Symbol.asyncIterator]();
  let next: Buffer | null = await firstPiece(input);
  const codec = codecOf(next);
  for (let streams = 0; next !== null; streams += 1) {
    if (streams > 0 && (!codec.concatenates || streams >= maxStreams)) {
      throw new Malformed("bad-compression", "bytes follow the end of the compressed stream");
    }
    next = await decompressStream(codec.open(), next, input, sink);
  }
}

async function firstPiece(input: AsyncIterator<Buffer>): Promise<Buffer> {
  let first = Buffer.alloc(0);
  while (first.length < longestMagic) {
    const piece = await nextPiece(input);
    if (piece === null) break;
    first = Buffer.concat([first, piece]);
  }
  if (first.length === 0) throw new Malformed("truncated", "the binary field is empty");
  return first;
}

async function nextPiece(input: AsyncIterator<Buffer>): Promise<Buffer | null> {
  const result = await input.next();
  return result.done === true ? null : result.value;
}

function codecOf(head: Buffer): Codec {
  if (head.length < longestMagic) throw new Malformed("truncated", "the compressed stream ends in its header");
  if (head.readUIntBE(0, 3) === 0x1f8b08) {
    return { open: () => createGunzip({ chunkSize: outputPieceBytes }), concatenates: true };
  }
  if (head.readUInt32BE(0) === 0x28b52ffd) return { open: openZstd, concatenates: true };
  // RFC 1950: compression method 8, and the two header bytes a multiple of 31.
  if ((head.readUInt8(0) & 0x0f) === 8 && head.readUInt16BE(0) % 31 === 0) {
    return { open: () => createInflate({ chunkSize: outputPieceBytes }), concatenates: false };
  }
  throw new Malformed("bad-compression", "the data is neither gzip nor zstd nor zlib");
}

// 2^27 (128 MiB) is the largest window that the zstd command decodes without being told to.
function openZstd(): Decompressor {
  return createZstdDecompress({ chunkSize: outputPieceBytes, params: { [constants.ZSTD_d_windowLogMax]: 27 } });
}

/** Feeds one stream until it ends; gives the bytes that are left over, null at the end of the input. */
async function decompressStream(
  stream: Decompressor,
  first: Buffer,
  input: AsyncIterator<Buffer>,
  sink: Sink,
): Promise<Buffer | null> {
  const drained = drain(stream, sink);
  const ended = new Interruption(drained);
  try {
    let fedBytes = 0;
    for (let piece: Buffer | null = first; piece !== null; piece = await nextPiece(input)) {
      fedBytes += piece.length;
      await ended.until(written(stream, piece));
      const unusedBytes = fedBytes - stream.bytesWritten;
      if (unusedBytes > 0) {
        await drained;
        return piece.subarray(piece.length - unusedBytes);
      }
    }
    stream.end();
    await drained;
    return null;
  } catch (error) {
    throw asMalformed(error);
  } finally {
    stream.destroy();
  }
}

async function drain(stream: Decompressor, sink: Sink): Promise<void> {
  for await (const piece of stream) await sink.write(piece);
}

// When a stream is over and bytes are left, Node ends its readable side; whether the write is then called
// back differs between versions. The reason of a write that failed comes out of `drain`.
function written(stream: Decompressor, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    stream.write(piece, (error) => {
      if (error === null || error === undefined) resolve();
    });
  });
}

function asMalformed(error: unknown): unknown {
  const code = error instanceof Error ? String((error as NodeJS.ErrnoException).code) : "";
  if (code === "Z_BUF_ERROR") return new Malformed("truncated", "the compressed stream ends before its end mark");
  if (code === "Z_DATA_ERROR" || code === "Z_NEED_DICT" || code.startsWith("ZSTD_error_")) {
    return new Malformed("bad-compression", `the compressed stream is damaged (${(error as Error).message})`);
  }
  return error;
}
