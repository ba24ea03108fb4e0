import type { ByteReader } from "../../src/core/types.ts";

const maxReads = 20_000;
const maxReadBytes = 17 * 1024 * 1024;

/**
 * A reader over bytes in memory that refuses to be led astray: work is measured in what is read, which is the
 * same on every machine. More than some thousand pieces, or an absurd piece, is an error.
 */
export function countingReader(bytes: Buffer): ByteReader {
  let reads = 0;
  const read = (offset: number, length: number): Buffer => {
    if (++reads > maxReads) throw new Error("read too often");
    if (!(length <= maxReadBytes)) throw new Error(`asked for ${length} bytes`);
    return bytes.subarray(offset, offset + Math.max(0, length));
  };
  return { sizeBytes: bytes.length, read };
}
