import { openByteReader } from "../core/byte-reader.ts";
import { readElfFile } from "../core/read-elf-file.ts";
import type { ElfFile } from "../core/types.ts";

/** What a file on disk says of itself; null when it is not ELF, not a regular file, or cannot be read. */
export function elfOf(path: string): ElfFile | null {
  let reader: ReturnType<typeof openByteReader>;
  try {
    reader = openByteReader(path);
  } catch {
    // Gone, unreadable, a folder: for the caller, who looks for a certain ELF file, it is all the same.
    return null;
  }
  try {
    const result = readElfFile(reader);
    return result.ok ? result.file : null;
  } finally {
    reader.close();
  }
}
