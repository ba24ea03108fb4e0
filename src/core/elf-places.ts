import { fault, type Outcome, textUpToNul } from "./elf-format.ts";
import type { ElfHeader } from "./elf-header.ts";
import {
  type ProgramHeader,
  programHeaderBytes,
  programHeadersOf,
  type SectionHeader,
  sectionHeaderBytes,
  sectionHeadersOf,
  sectionType,
  segmentType,
} from "./elf-tables.ts";
import { limits } from "./limits.ts";
import type { NotePlace } from "./notes.ts";
import type { ByteReader } from "./types.ts";

export type FilePlace = { readonly offset: number; readonly sizeBytes: number };

/** Where in an ELF file the parts are that we read. */
export type ElfPlaces = {
  readonly notes: readonly NotePlace[];
  readonly dynamic: FilePlace | null;
  readonly interpreter: FilePlace | null;
  readonly debugLink: FilePlace | null;
  readonly debugAltLink: FilePlace | null;
  readonly hasDebugInfo: boolean;
  readonly hasSymbolTable: boolean;
  /** File offset of what is loaded at an address, null where no segment holds it. */
  fileOffsetOf(address: bigint): number | null;
};

type NamedSection = SectionHeader & { readonly name: string };

/**
 * Finds the parts by section, and without sections (`sstrip`, images) by segment. Sections go first: a
 * debug file keeps the program headers of the stripped program, whose offsets mean nothing in it, and
 * has the sections that they speak of without content (SHT_NOBITS).
 */
export function findPlaces(reader: ByteReader, header: ElfHeader): Outcome<ElfPlaces> {
  const tableFault = faultOfTables(reader, header);
  if (tableFault !== null) return tableFault;
  const segments = [...programHeadersOf(reader, header, limits.moduleProgramHeaders)];
  const sections = namedSections(reader, header);
  const named = (name: string): NamedSection | null =>
    sections.find((section) => section.name === name && hasContent(section)) ?? null;
  const places = sections.length > 0 ? placesBySection(sections, named) : placesBySegment(segments);
  return {
    ok: true,
    value: {
      ...places,
      debugLink: named(".gnu_debuglink"),
      debugAltLink: named(".gnu_debugaltlink"),
      hasDebugInfo: named(".debug_info") !== null || named(".zdebug_info") !== null,
      hasSymbolTable: sections.some((section) => section.type === sectionType.symbolTable && hasContent(section)),
      fileOffsetOf: (address) => fileOffsetOf(segments, address),
    },
  };
}

function faultOfTables(reader: ByteReader, header: ElfHeader) {
  const { sections, programHeaders } = header;
  if (sections.count > limits.sections) {
    return fault("too-many", `the file claims ${sections.count} sections`, sections.offset);
  }
  if (programHeaders.count > 0 && programHeaders.entryBytes < programHeaderBytes(header)) {
    return fault("bad-header", `program headers of ${programHeaders.entryBytes} bytes are too small`);
  }
  if (sections.count > 0 && sections.entryBytes < sectionHeaderBytes(header)) {
    return fault("bad-header", `section headers of ${sections.entryBytes} bytes are too small`);
  }
  for (const table of [programHeaders, sections]) {
    if (table.count > 0 && table.offset + table.count * table.entryBytes > reader.sizeBytes) {
      return fault("truncated-headers", "the file ends before or inside its headers", table.offset);
    }
  }
  return null;
}

function hasContent(section: SectionHeader): boolean {
  return section.type !== sectionType.noBits && section.sizeBytes > 0;
}

function namedSections(reader: ByteReader, header: ElfHeader): NamedSection[] {
  const sections = [...sectionHeadersOf(reader, header, limits.sections)];
  const table = sections[header.sectionNamesIndex];
  if (table === undefined) return [];
  const names = reader.read(table.offset, Math.min(table.sizeBytes, limits.sectionNamesBytes));
  return sections.map((section) => ({ ...section, name: nameAt(names, section.nameOffset) }));
}

// The names that we look for are short; of a hostile one of megabytes nothing more is read.
function nameAt(names: Buffer, offset: number): string {
  return textUpToNul(names.subarray(offset, offset + 32));
}

type MainPlaces = Pick<ElfPlaces, "notes" | "dynamic" | "interpreter">;

function placesBySection(sections: readonly NamedSection[], named: (name: string) => NamedSection | null): MainPlaces {
  return {
    notes: sections.filter((section) => section.type === sectionType.note && hasContent(section)).slice(0, 64),
    dynamic: sections.find((section) => section.type === sectionType.dynamic && hasContent(section)) ?? null,
    interpreter: named(".interp"),
  };
}

function placesBySegment(segments: readonly ProgramHeader[]): MainPlaces {
  const places = (type: number): NotePlace[] =>
    segments
      .filter((segment) => segment.type === type)
      .map(({ offset, fileBytes, align }) => ({ offset, sizeBytes: fileBytes, align }));
  return {
    notes: places(segmentType.note),
    dynamic: places(segmentType.dynamic)[0] ?? null,
    interpreter: places(segmentType.interpreter)[0] ?? null,
  };
}

function fileOffsetOf(segments: readonly ProgramHeader[], address: bigint): number | null {
  for (const { type, address: start, fileBytes, offset } of segments) {
    const inside = Number(address - start);
    if (type === segmentType.load && inside >= 0 && inside < fileBytes) return offset + inside;
  }
  return null;
}
