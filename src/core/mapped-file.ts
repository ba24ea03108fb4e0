import { windowed } from "./byte-reader.ts";
import type { CoreMemory } from "./core-memory.ts";
import { type ElfHeader, elfType, readElfHeader } from "./elf-header.ts";
import { type ProgramHeader, programHeadersOf, segmentType } from "./elf-tables.ts";
import { limits } from "./limits.ts";
import { buildIdAmong } from "./notes.ts";
import type { ByteReader, FileMapping } from "./types.ts";

/** Where a part of a file lies in memory. */
export type MappedPart = Pick<FileMapping, "start" | "end" | "fileOffset">;

/** What the ELF header of a mapped file says, as far as the core holds it. */
export type MappedElf = {
  readonly header: ElfHeader;
  readonly buildId: string | null;
  /** Bytes of address space from the mapping of offset 0 to the end of the last segment. */
  readonly extentBytes: bigint;
  /** For each segment, how much further it is moved against its place in the file than the mapping of offset 0 is. */
  readonly shifts: readonly bigint[];
};

/**
 * Reads the ELF file whose parts are mapped at the given addresses. Null when the core does not hold its
 * first bytes, or when they are not those of a program or library.
 */
export function readMappedElf(memory: CoreMemory, parts: readonly MappedPart[]): MappedElf | null {
  const reader = windowed(mappedFileReader(memory, parts), 4096);
  const header = readElfHeader(reader);
  if (!header.ok || (header.value.type !== elfType.executable && header.value.type !== elfType.shared)) return null;
  const segments = [...programHeadersOf(reader, header.value, limits.moduleProgramHeaders)];
  return {
    header: header.value,
    buildId: buildIdOf(reader, header.value, segments),
    extentBytes: extentOf(segments),
    shifts: shiftsOf(segments),
  };
}

/** A mapped file by file offset, as far as it is mapped and the core holds it. */
function mappedFileReader(memory: CoreMemory, parts: readonly MappedPart[]): ByteReader {
  const read = (offset: number, length: number): Buffer => {
    if (!Number.isSafeInteger(offset) || offset < 0) return Buffer.alloc(0);
    const at = BigInt(offset);
    const part = parts.find((one) => one.fileOffset <= at && at - one.fileOffset < one.end - one.start);
    if (part === undefined) return Buffer.alloc(0);
    const address = part.start + (at - part.fileOffset);
    return memory.read(address, Math.min(length, Number(part.end - address)));
  };
  return { sizeBytes: Number.MAX_SAFE_INTEGER, read };
}

function buildIdOf(reader: ByteReader, header: ElfHeader, segments: readonly ProgramHeader[]): string | null {
  const places = segments
    .filter((segment) => segment.type === segmentType.note)
    .map((segment) => ({ offset: segment.offset, sizeBytes: segment.fileBytes, align: segment.align }));
  return buildIdAmong(reader, header, places);
}

function extentOf(segments: readonly ProgramHeader[]): bigint {
  const loads = segments.filter((segment) => segment.type === segmentType.load);
  const first = loads[0];
  if (first === undefined) return 0n;
  let last = 0n;
  for (const { address, memoryBytes } of loads) {
    if (address + memoryBytes > last) last = address + memoryBytes;
  }
  const base = first.address - BigInt(first.offset);
  return last > base ? last - base : 0n;
}

// Address less file offset is the same for every byte of a segment, whatever the page size.
function shiftsOf(segments: readonly ProgramHeader[]): readonly bigint[] {
  const loads = segments.filter((segment) => segment.type === segmentType.load);
  const shifts = loads.map(({ address, offset }) => address - BigInt(offset));
  const base = shifts[0] ?? 0n;
  return shifts.map((shift) => shift - base);
}
