import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ByteReader } from "./types.ts";

/** A reader over a file, to be closed by whoever opened it. */
export type FileByteReader = ByteReader & { close(): void };

/**
 * Opens a file for random access; nothing of it is kept in memory. Throws Node's own errors (ENOENT,
 * EACCES, EISDIR, …) when it cannot be opened or read.
 */
export function openByteReader(path: string): FileByteReader {
  // Without O_NONBLOCK, opening a named pipe waits for somebody to write into it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const sizeBytes = sizeOf(file);
  return { sizeBytes, read: (offset, length) => readAt(file, sizeBytes, offset, length), close: () => closeSync(file) };
}

/**
 * A reader that fetches pieces of `windowBytes` and serves small reads from the last one, for callers
 * that walk through a table entry by entry.
 */
export function windowed(reader: ByteReader, windowBytes = 16_384): ByteReader {
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  const read = (offset: number, length: number): Buffer => {
    if (length >= windowBytes) return reader.read(offset, length);
    if (offset < start || offset + length > start + window.length) {
      start = offset;
      window = reader.read(offset, windowBytes);
    }
    return window.subarray(offset - start, offset - start + length);
  };
  return { sizeBytes: reader.sizeBytes, read };
}

function sizeOf(file: number): number {
  const status = fstatSync(file);
  if (status.isFile()) return status.size;
  closeSync(file);
  throw new Error("not a regular file");
}

function readAt(file: number, sizeBytes: number, offset: number, length: number): Buffer {
  if (offset < 0 || offset >= sizeBytes || length <= 0) return Buffer.alloc(0);
  const piece = Buffer.allocUnsafe(Math.min(length, sizeBytes - offset));
  let filled = 0;
  // read(2) may give less than was asked for; 0 means that somebody has cut the file off meanwhile.
  while (filled < piece.length) {
    const got = readSync(file, piece, filled, piece.length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return piece.subarray(0, filled);
}
