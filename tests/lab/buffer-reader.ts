import type { ByteReader } from "../../src/core/types.ts";

/** A reader over bytes in memory. */
export function bufferReader(bytes: Buffer): ByteReader {
  return { sizeBytes: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + Math.max(0, length)) };
}
