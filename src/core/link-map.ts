import { auxKey } from "./auxiliary.ts";
import type { CoreMemory } from "./core-memory.ts";
import { type ElfFormat, textUpToNul, word, wordBytes } from "./elf-format.ts";
import type { ElfHeader } from "./elf-header.ts";
import { type ProgramHeader, programHeaderBytes, programHeadersOf, segmentType } from "./elf-tables.ts";
import { limits } from "./limits.ts";
import type { LinkName } from "./types.ts";

/** An entry of the link map, with the address of the file's dynamic section, which lies inside the file. */
export type LinkMapEntry = LinkName & { readonly dynamicAddress: bigint };

const dynamicTag = { debug: 21n, mipsDebug: 0x70000016n, mipsDebugRelative: 0x70000035n } as const;

/**
 * Walks the dynamic linker's list of loaded files (link.h: r_debug, link_map), which is where gdb looks
 * too. Empty for a static program, and wherever the core does not hold the memory on the way.
 */
export function readLinkMap(format: ElfHeader, memory: CoreMemory, auxv: ReadonlyMap<number, bigint>): LinkMapEntry[] {
  const words = wordReader(format, memory);
  const entries: LinkMapEntry[] = [];
  const seen = new Set<bigint>([0n]);
  let debug = debugAddress(format, memory, auxv);
  while (debug !== 0n && !seen.has(debug) && entries.length < limits.linkNames) {
    seen.add(debug);
    const [version = 0n, first = 0n, , , , next = 0n] = words(debug, 6);
    walk(format, memory, first, seen, entries);
    // glibc 2.35 and later chain the lists of further namespaces (dlmopen) from version 2 on. The version
    // is an int in the first word; on a big-endian 64-bit machine it is that word's upper half.
    const versionNumber = version > 0xffff_ffffn ? version >> 32n : version & 0xffff_ffffn;
    debug = versionNumber >= 2n ? next : 0n;
  }
  return entries;
}

// A hostile list may run in a circle or for ever: every address counts once, and their number is bounded.
function walk(format: ElfFormat, memory: CoreMemory, first: bigint, seen: Set<bigint>, entries: LinkMapEntry[]): void {
  const words = wordReader(format, memory);
  for (let at = first; !seen.has(at) && entries.length < limits.linkNames; ) {
    seen.add(at);
    const [loadAddress, nameAddress, dynamicAddress, next] = words(at, 4);
    if (loadAddress === undefined || nameAddress === undefined) return;
    if (dynamicAddress === undefined || next === undefined) return;
    entries.push({ name: textAt(memory, nameAddress), loadAddress, dynamicAddress });
    at = next;
  }
}

/** Text in the process's memory, of at most PATH_MAX bytes; empty where the core does not hold it. */
export function textAt(memory: CoreMemory, address: bigint): string {
  const near = memory.read(address, 256);
  return textUpToNul(near.includes(0) ? near : memory.read(address, limits.pathBytes));
}

function wordReader(format: ElfFormat, memory: CoreMemory): (address: bigint, count: number) => bigint[] {
  const size = wordBytes(format);
  return (address, count) => {
    const bytes = memory.read(address, count * size);
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => word(format, bytes, index * size));
  };
}

function debugAddress(header: ElfHeader, memory: CoreMemory, auxv: ReadonlyMap<number, bigint>): bigint {
  const table = auxv.get(auxKey.programHeaders);
  if (table === undefined) return 0n;
  const segments = programSegments(header, memory, table, Number(auxv.get(auxKey.programHeaderCount) ?? 0n));
  const self = segments.find((segment) => segment.type === segmentType.programHeaders);
  const bias = self === undefined ? 0n : BigInt.asUintN(64, table - self.address);
  const dynamic = segments.find((segment) => segment.type === segmentType.dynamic);
  return dynamic === undefined ? 0n : debugEntry(header, memory, BigInt.asUintN(64, dynamic.address + bias));
}

function programSegments(header: ElfHeader, memory: CoreMemory, table: bigint, count: number): ProgramHeader[] {
  const entryBytes = programHeaderBytes(header);
  const most = Math.min(count, limits.moduleProgramHeaders);
  const bytes = memory.read(table, most * entryBytes);
  const reader = { sizeBytes: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) };
  const programHeaders = { offset: 0, count: most, entryBytes };
  return [...programHeadersOf(reader, { ...header, programHeaders }, most)];
}

// DT_DEBUG holds the address of r_debug. MIPS keeps its dynamic section read-only and points to a word
// that holds it instead: absolutely (DT_MIPS_RLD_MAP) or, in a PIE, from the entry (DT_MIPS_RLD_MAP_REL).
function debugEntry(format: ElfFormat, memory: CoreMemory, dynamic: bigint): bigint {
  const size = wordBytes(format);
  const words = wordReader(format, memory);
  const all = words(dynamic, 2 * limits.dynamicEntries);
  for (let index = 0; index + 1 < all.length && all[index] !== 0n; index += 2) {
    const value = all[index + 1] ?? 0n;
    const at = dynamic + BigInt(index * size);
    if (all[index] === dynamicTag.debug && value !== 0n) return value;
    if (all[index] === dynamicTag.mipsDebug) return words(value, 1)[0] ?? 0n;
    if (all[index] === dynamicTag.mipsDebugRelative) return words(BigInt.asUintN(64, at + value), 1)[0] ?? 0n;
  }
  return 0n;
}
