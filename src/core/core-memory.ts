import type { MemorySegment, SegmentTable } from "./segment-table.ts";
import type { ByteReader } from "./types.ts";

/** The crashed process's memory, as far as the core holds it. */
export type CoreMemory = {
  /** At most `length` bytes from `address`; ends early where the core holds no more (maybe at once). */
  read(address: bigint, length: number): Buffer;
  /** The segment that an address lies in, dumped or not. */
  segmentAt(address: bigint): MemorySegment | null;
  readonly segments: SegmentTable;
};

/** Memory over a core's PT_LOADs. */
export function coreMemory(reader: ByteReader, segments: SegmentTable): CoreMemory {
  const segmentAt = (address: bigint): MemorySegment | null => segments.holding(address);
  const read = (address: bigint, length: number): Buffer => {
    const pieces: Buffer[] = [];
    for (let missing = length, at = address; missing > 0; ) {
      const piece = readWithin(reader, segmentAt(at), at, missing);
      if (piece.length === 0) break;
      pieces.push(piece);
      missing -= piece.length;
      at += BigInt(piece.length);
    }
    return Buffer.concat(pieces);
  };
  return { read, segmentAt, segments };
}

function readWithin(reader: ByteReader, segment: MemorySegment | null, address: bigint, length: number): Buffer {
  if (segment === null) return Buffer.alloc(0);
  const inside = Number(address - segment.address);
  const dumpedBytes = Math.min(segment.fileBytes, Number(segment.memoryBytes)) - inside;
  return reader.read(segment.offset + inside, Math.max(0, Math.min(length, dumpedBytes)));
}
