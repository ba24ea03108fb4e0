import type { ProgramHeader } from "./elf-tables.ts";
import type { ByteReader } from "./types.ts";

/** One PT_LOAD of a core: a piece of the process's memory, of which the file may hold all, the head, or nothing. */
export type MemorySegment = Pick<ProgramHeader, "address" | "memoryBytes" | "offset" | "fileBytes" | "flags">;

/** The crashed process's memory, as far as the core holds it. */
export type CoreMemory = {
  /** At most `length` bytes from `address`; ends early where the core holds no more (maybe at once). */
  read(address: bigint, length: number): Buffer;
  /** The segment that an address lies in, dumped or not. */
  segmentAt(address: bigint): MemorySegment | null;
  readonly segments: readonly MemorySegment[];
};

/** Memory over a core's PT_LOADs. Of overlapping ones the last that begins at or before an address counts. */
export function coreMemory(reader: ByteReader, loads: readonly MemorySegment[]): CoreMemory {
  const segments = loads.toSorted((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  const segmentAt = (address: bigint): MemorySegment | null => {
    const segment = segments[countAtOrBefore(segments, address) - 1];
    return segment !== undefined && address - segment.address < segment.memoryBytes ? segment : null;
  };
  const read = (address: bigint, length: number): Buffer => {
    const pieces: Buffer[] = [];
    for (let missing = length, at = address; missing > 0; ) {
      const piece = readWithin(reader, segmentAt(at), at, missing);
      if (piece.length === 0) break;
      pieces.push(piece);
      missing -= piece.length;
      at += BigInt(piece.length);
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  };
  return { read, segmentAt, segments };
}

function readWithin(reader: ByteReader, segment: MemorySegment | null, address: bigint, length: number): Buffer {
  if (segment === null) return Buffer.alloc(0);
  const inside = Number(address - segment.address);
  const dumpedBytes = Math.min(segment.fileBytes, Number(segment.memoryBytes)) - inside;
  return reader.read(segment.offset + inside, Math.max(0, Math.min(length, dumpedBytes)));
}

function countAtOrBefore(segments: readonly MemorySegment[], address: bigint): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle] as MemorySegment).address <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
