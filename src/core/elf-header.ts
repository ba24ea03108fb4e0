import { type ElfFormat, fault, type Outcome, u16, u32, word } from "./elf-format.ts";
import type { ByteReader } from "./types.ts";

/** Where a table of headers lies in the file; nothing says yet that it really does. */
export type HeaderTable = { readonly offset: number; readonly count: number; readonly entryBytes: number };

/** The ELF header (elf.h, Elf32_Ehdr and Elf64_Ehdr), counts resolved through section 0 where they overflow. */
export type ElfHeader = ElfFormat & {
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly programHeaders: HeaderTable;
  readonly sections: HeaderTable;
  readonly sectionNamesIndex: number;
  /** Whether e_phnum was PN_XNUM, so that the section header table is part of what a whole core has. */
  readonly hasExtendedCount: boolean;
};

export const elfType = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;

const extendedCount = 0xffff;
const magic = "\x7fELF";

/** Reads the ELF header at the start of a file or of a mapped image. */
export function readElfHeader(reader: ByteReader): Outcome<ElfHeader> {
  const start = reader.read(0, 64);
  if (start.length === 0) return fault("not-elf", "the file is empty");
  if (start.toString("latin1", 0, 4) !== magic)
    return fault("not-elf", "the file does not begin with ELF's magic number");
  const format = formatOf(start);
  if (format === null) return fault("bad-header", "the ELF class or byte order is unknown", 4);
  if (start.length < (format.bits === 64 ? 64 : 52))
    return fault("truncated-headers", "the file ends inside its ELF header");
  return { ok: true, value: parseHeader(reader, format, start) };
}

function formatOf(start: Buffer): ElfFormat | null {
  const bits = start[4] === 1 ? 32 : start[4] === 2 ? 64 : null;
  const byteOrder = start[5] === 1 ? "little" : start[5] === 2 ? "big" : null;
  return bits === null || byteOrder === null ? null : { bits, byteOrder };
}

function parseHeader(reader: ByteReader, format: ElfFormat, start: Buffer): ElfHeader {
  const wide = format.bits === 64;
  const counts = wide ? 54 : 42;
  const programCount = u16(format, start, counts + 2);
  const sectionOffset = Number(word(format, start, wide ? 40 : 32));
  const zero = sectionOffset === 0 ? null : readSectionZero(reader, format, sectionOffset);
  const sectionCount = u16(format, start, counts + 6);
  const namesIndex = u16(format, start, counts + 8);
  return {
    ...format,
    type: u16(format, start, 16),
    machine: u16(format, start, 18),
    flags: u32(format, start, wide ? 48 : 36),
    programHeaders: {
      offset: Number(word(format, start, wide ? 32 : 28)),
      count: programCount === extendedCount ? (zero?.info ?? programCount) : programCount,
      entryBytes: u16(format, start, counts),
    },
    sections: {
      offset: sectionOffset,
      count: sectionCount === 0 ? (zero?.size ?? 0) : sectionCount,
      entryBytes: u16(format, start, counts + 4),
    },
    sectionNamesIndex: namesIndex === extendedCount ? (zero?.link ?? 0) : namesIndex,
    hasExtendedCount: programCount === extendedCount,
  };
}

// A count that does not fit into 16 bits stands in section header 0: program headers in sh_info (core
// of a process with 65,535 mappings or more: PN_XNUM), sections in sh_size, the names' index in sh_link.
function readSectionZero(reader: ByteReader, format: ElfFormat, offset: number) {
  const wide = format.bits === 64;
  const header = reader.read(offset, wide ? 64 : 40);
  if (header.length < (wide ? 64 : 40)) return null;
  return {
    size: Number(word(format, header, wide ? 32 : 20)),
    link: u32(format, header, wide ? 40 : 24),
    info: u32(format, header, wide ? 44 : 28),
  };
}
