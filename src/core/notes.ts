import { type ElfFormat, u32 } from "./elf-format.ts";
import { limits } from "./limits.ts";
import type { ByteReader } from "./types.ts";

/** Where notes stand in a file. */
export type NotePlace = { readonly offset: number; readonly sizeBytes: number; readonly align: bigint };

/** One note; its bytes are fetched only when asked for. */
export type Note = {
  readonly owner: string;
  readonly type: number;
  readonly sizeBytes: number;
  /** The note's content, at most `mostBytes` of it, less where the file ends. */
  content(mostBytes: number): Buffer;
};

/**
 * The notes of a segment or section one by one, at most `most`. A note that claims more than the place
 * holds, or than the file has, is the last one.
 */
export function* notesAt(reader: ByteReader, format: ElfFormat, place: NotePlace, most: number): Generator<Note> {
  const end = place.offset + place.sizeBytes;
  // Notes are padded to 4 bytes, in 64-bit files too, except where the segment itself is aligned to 8
  // (.note.gnu.property). Cores say 0, 1 or 4 and mean 4.
  const align = place.align === 8n ? 8 : 4;
  let at = place.offset;
  for (let count = 0; count < most && at + 12 <= end; count++) {
    const head = reader.read(at, 12);
    if (head.length < 12) return;
    const ownerBytes = u32(format, head, 0);
    const contentAt = padded(at + 12 + ownerBytes - place.offset, align) + place.offset;
    const sizeBytes = u32(format, head, 4);
    if (contentAt + sizeBytes > end) return;
    yield {
      owner: ownerOf(reader.read(at + 12, Math.min(ownerBytes, 16))),
      type: u32(format, head, 8),
      sizeBytes,
      content: (mostBytes) => reader.read(contentAt, Math.min(sizeBytes, mostBytes)),
    };
    at = padded(contentAt + sizeBytes - place.offset, align) + place.offset;
  }
}

const gnuBuildId = 3;

/** The GNU build-id among these notes in lower-case hex, or null. */
export function buildIdAmong(reader: ByteReader, format: ElfFormat, places: Iterable<NotePlace>): string | null {
  for (const place of places) {
    for (const note of notesAt(reader, format, place, limits.moduleNotes)) {
      if (note.owner !== "GNU" || note.type !== gnuBuildId) continue;
      const id = note.content(limits.buildIdBytes);
      if (id.length > 0 && id.length === note.sizeBytes) return id.toString("hex");
    }
  }
  return null;
}

function padded(size: number, align: number): number {
  return Math.ceil(size / align) * align;
}

function ownerOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
}
