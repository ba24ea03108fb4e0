import { windowed } from "./byte-reader.ts";
import { fault, textUpToNul, word, wordBytes } from "./elf-format.ts";
import { type ElfHeader, elfType, readElfHeader } from "./elf-header.ts";
import { type ElfPlaces, type FilePlace, findPlaces } from "./elf-places.ts";
import { limits } from "./limits.ts";
import { buildIdAmong } from "./notes.ts";
import type { ByteReader, CoreFault, ElfFile } from "./types.ts";

export type ElfFileResult =
  | { readonly ok: true; readonly file: ElfFile }
  | { readonly ok: false; readonly fault: CoreFault };

/**
 * Reads what a program, library, object or debug file says of itself: System V ABI, elf(5), and gdb's
 * manual ("Separate Debug Files") for the debug links. Never throws for what is in the file.
 */
export function readElfFile(reader: ByteReader): ElfFileResult {
  const near = windowed(reader);
  const header = readElfHeader(near);
  if (!header.ok) return header;
  if (header.value.type === elfType.core)
    return fault("bad-header", "the file is a core, not a program or library", 16);
  const places = findPlaces(near, header.value);
  if (!places.ok) return places;
  return { ok: true, file: describe(near, header.value, places.value) };
}

function describe(reader: ByteReader, header: ElfHeader, places: ElfPlaces): ElfFile {
  const { bits, byteOrder, machine } = header;
  return {
    bits,
    byteOrder,
    machine,
    buildId: buildIdAmong(reader, header, places.notes),
    soname: sonameOf(reader, header, places),
    interpreter: textOrNull(reader, places.interpreter),
    debugLink: textOrNull(reader, places.debugLink),
    debugAltLink: altLinkOf(reader, places.debugAltLink),
    hasDebugInfo: places.hasDebugInfo,
    hasSymbolTable: places.hasSymbolTable,
  };
}

function textOrNull(reader: ByteReader, place: FilePlace | null): string | null {
  if (place === null) return null;
  return textUpToNul(reader.read(place.offset, Math.min(place.sizeBytes, limits.pathBytes))) || null;
}

// .gnu_debugaltlink: a name, a NUL, and the dwz file's build-id up to the end of the section.
function altLinkOf(reader: ByteReader, place: FilePlace | null): ElfFile["debugAltLink"] {
  if (place === null) return null;
  const content = reader.read(place.offset, Math.min(place.sizeBytes, limits.pathBytes + 1 + limits.buildIdBytes));
  const end = content.indexOf(0);
  if (end <= 0 || end + 1 >= content.length) return null;
  return { name: content.toString("utf8", 0, end), buildId: content.toString("hex", end + 1) };
}

const dynamicTag = { stringTable: 5n, soname: 14n } as const;

function sonameOf(reader: ByteReader, header: ElfHeader, places: ElfPlaces): string | null {
  if (places.dynamic === null) return null;
  const size = wordBytes(header);
  const length = Math.min(places.dynamic.sizeBytes, 2 * size * limits.dynamicEntries);
  const entries = reader.read(places.dynamic.offset, length);
  const found = new Map<bigint, bigint>();
  for (let at = 0; at + 2 * size <= entries.length; at += 2 * size) {
    const tag = word(header, entries, at);
    if (tag === 0n) break;
    found.set(tag, word(header, entries, at + size));
  }
  const name = found.get(dynamicTag.soname);
  const table = found.get(dynamicTag.stringTable);
  if (name === undefined || table === undefined) return null;
  const offset = places.fileOffsetOf(BigInt.asUintN(64, table + name));
  return offset === null ? null : textOrNull(reader, { offset, sizeBytes: limits.pathBytes });
}
