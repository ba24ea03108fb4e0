import type { CoreMemory } from "./core-memory.ts";
import { type ElfFormat, fault, type Outcome, word, wordBytes } from "./elf-format.ts";
import { segmentFlag } from "./elf-tables.ts";
import { limits } from "./limits.ts";
import type { FileMapping } from "./types.ts";

/**
 * The mappings that NT_FILE lists, by address. The note holds a count, a page size, count times (start,
 * end, offset in pages), all of them longs, then as many NUL-terminated names (Linux, fs/binfmt_elf.c,
 * fill_files_note). Entries without a name (a cut-off core) or with an end before their start are left out.
 */
export function readFileNote(format: ElfFormat, content: Buffer, memory: CoreMemory): Outcome<readonly FileMapping[]> {
  const size = wordBytes(format);
  if (content.length < 2 * size) return { ok: true, value: [] };
  const count = Number(word(format, content, 0));
  if (count > limits.fileMappings) return fault("too-many", `NT_FILE claims ${count} mapped files`);
  const pageBytes = word(format, content, size);
  const mappings: FileMapping[] = [];
  let nameAt = size * (2 + 3 * count);
  for (let index = 0; index < count; index++) {
    const nameEnd = content.indexOf(0, nameAt);
    if (nameAt >= content.length || nameEnd < 0) break;
    const at = size * (2 + 3 * index);
    const start = word(format, content, at);
    const end = word(format, content, at + size);
    const fileOffset = BigInt.asUintN(64, word(format, content, at + 2 * size) * pageBytes);
    const path = content.toString("utf8", nameAt, nameEnd);
    if (start < end) mappings.push({ path, start, end, fileOffset, permissions: permissionsAt(memory, start) });
    nameAt = nameEnd + 1;
  }
  return { ok: true, value: mappings.sort((a, b) => (a.start < b.start ? -1 : 1)) };
}

// gdb's generate-core-file leaves out the program headers of mappings that it does not dump, and those are
// in the main the text segments. Without a header we therefore say executable.
function permissionsAt(memory: CoreMemory, address: bigint): string {
  const flags = memory.segmentAt(address)?.flags ?? segmentFlag.read | segmentFlag.execute;
  const letter = (flag: number, name: string): string => ((flags & flag) === 0 ? "-" : name);
  return `${letter(segmentFlag.read, "r")}${letter(segmentFlag.write, "w")}${letter(segmentFlag.execute, "x")}p`;
}
