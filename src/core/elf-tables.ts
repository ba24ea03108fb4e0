import { type ElfFormat, u32, word } from "./elf-format.ts";
import type { ElfHeader, HeaderTable } from "./elf-header.ts";
import type { ByteReader } from "./types.ts";

export type ProgramHeader = {
  readonly type: number;
  readonly flags: number;
  /** Offset and size in the file, as numbers: whatever is past 2^53 lies past the end of any file. */
  readonly offset: number;
  readonly fileBytes: number;
  readonly address: bigint;
  readonly memoryBytes: bigint;
  readonly align: bigint;
};

export type SectionHeader = {
  /** Offset of the name in the section name table. */
  readonly nameOffset: number;
  readonly type: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
  readonly align: bigint;
};

export const segmentType = { load: 1, dynamic: 2, interpreter: 3, note: 4, programHeaders: 6 } as const;
export const sectionType = { symbolTable: 2, dynamic: 6, note: 7, noBits: 8 } as const;
export const segmentFlag = { execute: 1, write: 2, read: 4 } as const;

/** Bytes of one program header. */
export function programHeaderBytes(format: ElfFormat): number {
  return format.bits === 64 ? 56 : 32;
}

/** Bytes of one section header. */
export function sectionHeaderBytes(format: ElfFormat): number {
  return format.bits === 64 ? 64 : 40;
}

/** The program headers one by one, at most `most`; ends early where the file does. */
export function programHeadersOf(reader: ByteReader, header: ElfHeader, most: number): Generator<ProgramHeader> {
  const entry = (bytes: Buffer): ProgramHeader => programHeader(header, bytes);
  return entries(reader, header.programHeaders, programHeaderBytes(header), most, entry);
}

/** The section headers one by one, at most `most`; ends early where the file does. */
export function sectionHeadersOf(reader: ByteReader, header: ElfHeader, most: number): Generator<SectionHeader> {
  const entry = (bytes: Buffer): SectionHeader => sectionHeader(header, bytes);
  return entries(reader, header.sections, sectionHeaderBytes(header), most, entry);
}

function* entries<T>(
  reader: ByteReader,
  table: HeaderTable,
  entryBytes: number,
  most: number,
  parse: (bytes: Buffer) => T,
): Generator<T> {
  if (table.entryBytes < entryBytes) return;
  for (let index = 0; index < Math.min(table.count, most); index++) {
    const bytes = reader.read(table.offset + index * table.entryBytes, entryBytes);
    if (bytes.length < entryBytes) return;
    yield parse(bytes);
  }
}

function programHeader(format: ElfFormat, bytes: Buffer): ProgramHeader {
  const wide = format.bits === 64;
  return {
    type: u32(format, bytes, 0),
    flags: u32(format, bytes, wide ? 4 : 24),
    offset: Number(word(format, bytes, wide ? 8 : 4)),
    address: word(format, bytes, wide ? 16 : 8),
    fileBytes: Number(word(format, bytes, wide ? 32 : 16)),
    memoryBytes: word(format, bytes, wide ? 40 : 20),
    align: word(format, bytes, wide ? 48 : 28),
  };
}

function sectionHeader(format: ElfFormat, bytes: Buffer): SectionHeader {
  const wide = format.bits === 64;
  return {
    nameOffset: u32(format, bytes, 0),
    type: u32(format, bytes, 4),
    offset: Number(word(format, bytes, wide ? 24 : 16)),
    sizeBytes: Number(word(format, bytes, wide ? 32 : 20)),
    link: u32(format, bytes, wide ? 40 : 24),
    align: word(format, bytes, wide ? 48 : 32),
  };
}
