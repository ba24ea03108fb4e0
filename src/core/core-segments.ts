import { fault, type Outcome } from "./elf-format.ts";
import type { ElfHeader } from "./elf-header.ts";
import { programHeaderBytes, programHeadersOf, sectionHeaderBytes, segmentType } from "./elf-tables.ts";
import { limits } from "./limits.ts";
import type { NotePlace } from "./notes.ts";
import { SegmentTable } from "./segment-table.ts";
import type { ByteReader } from "./types.ts";

/** What a core's program headers say. */
export type CoreSegments = {
  readonly loads: SegmentTable;
  readonly notes: readonly NotePlace[];
  /** Bytes that the headers promise beyond the file's end. */
  readonly truncatedBy: number;
};

/** Reads the program headers of a core; without all of them a core is of no use. */
export function readCoreSegments(reader: ByteReader, header: ElfHeader): Outcome<CoreSegments> {
  const count = programHeaderCount(reader, header);
  const table = { ...header.programHeaders, count };
  const tableFault = faultOfTable(reader, header, table);
  if (tableFault !== null) return tableFault;
  const loads = new SegmentTable(count);
  const notes: NotePlace[] = [];
  let promisedBytes = endOfSections(header);
  for (const segment of programHeadersOf(reader, { ...header, programHeaders: table }, count)) {
    promisedBytes = Math.max(promisedBytes, segment.fileBytes === 0 ? 0 : segment.offset + segment.fileBytes);
    if (segment.type === segmentType.load) loads.add(segment);
    if (segment.type === segmentType.note) notes.push({ ...segment, sizeBytes: segment.fileBytes });
  }
  if (notes.length > limits.noteSegments) return fault("too-many", `the core claims ${notes.length} note segments`);
  const missingBytes = Math.max(0, promisedBytes - reader.sizeBytes);
  return { ok: true, value: { loads, notes, truncatedBy: Math.min(missingBytes, Number.MAX_SAFE_INTEGER) } };
}

function faultOfTable(reader: ByteReader, header: ElfHeader, table: ElfHeader["programHeaders"]) {
  const { offset, count, entryBytes } = table;
  if (count === 0) return fault("bad-header", "the core has no program headers");
  if (entryBytes < programHeaderBytes(header)) {
    return fault("bad-header", `program headers of ${entryBytes} bytes are too small`, offset);
  }
  if (count > limits.programHeaders) return fault("too-many", `the core claims ${count} program headers`, offset);
  if (offset + count * entryBytes <= reader.sizeBytes) return null;
  return fault("truncated-headers", `the file ends inside its table of ${count} program headers`, offset);
}

// The kernel writes the section header that holds the real count (PN_XNUM) at the very end of the core,
// so a cut-off core has lost it. But it writes the notes right behind the program headers, and the notes'
// program header comes first: the offset it names is where the table ends.
function programHeaderCount(reader: ByteReader, header: ElfHeader): number {
  const table = header.programHeaders;
  const isLost = header.hasExtendedCount && header.sections.offset + sectionHeaderBytes(header) > reader.sizeBytes;
  if (!isLost || table.entryBytes === 0) return table.count;
  const [first] = programHeadersOf(reader, header, 1);
  if (first?.type !== segmentType.note) return table.count;
  return Math.max(0, Math.floor((first.offset - table.offset) / table.entryBytes));
}

function endOfSections(header: ElfHeader): number {
  return header.hasExtendedCount ? header.sections.offset + sectionHeaderBytes(header) : 0;
}
