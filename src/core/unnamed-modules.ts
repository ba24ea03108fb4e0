import { auxKey } from "./auxiliary.ts";
import type { CoreMemory } from "./core-memory.ts";
import { limits } from "./limits.ts";
import { textAt } from "./link-map.ts";
import { type MappedElf, readMappedElf } from "./mapped-file.ts";
import type { FoundModule, ProcessHints } from "./modules.ts";
import type { MemorySegment } from "./segment-table.ts";

/** Path of the code that the kernel maps into each process, as in /proc/PID/maps. It has a build-id and no file. */
export const vdsoPath = "[vdso]";
const unknownPath = "[unknown]";

/** The vdso, which NT_FILE does not list; null when the core does not hold it. */
export function vdsoOf(memory: CoreMemory, hints: ProcessHints): FoundModule | null {
  const address = hints.auxv.get(auxKey.vdso);
  const segment = address === undefined ? null : memory.segmentAt(address);
  const elf = segment === null || segment.address !== address ? null : elfAt(memory, segment);
  return segment === null || elf === null ? null : moduleOf(vdsoPath, segment, elf, false);
}

/**
 * The modules of a core without NT_FILE (kernels before 3.7): whatever looks like an ELF image at the
 * start of a segment, named by the link map or, the program itself, by AT_EXECFN.
 */
export function unnamedModulesOf(memory: CoreMemory, hints: ProcessHints): FoundModule[] {
  const modules: FoundModule[] = [];
  const candidates = Math.min(memory.segments.count, limits.imageCandidates);
  for (let rank = 0; rank < candidates && modules.length < limits.modules; rank++) {
    const segment = memory.segments.at(rank);
    const before = modules.at(-1);
    if (before !== undefined && segment.address < before.end) continue;
    const elf = elfAt(memory, segment);
    if (elf === null || segment.address === hints.auxv.get(auxKey.vdso)) continue;
    modules.push(named(moduleOf(unknownPath, segment, elf, false), memory, hints));
  }
  return modules;
}

function elfAt(memory: CoreMemory, segment: MemorySegment): MappedElf | null {
  if (segment.fileBytes === 0) return null;
  const end = segment.address + segment.memoryBytes;
  return readMappedElf(memory, [{ start: segment.address, end, fileOffset: 0n }]);
}

function moduleOf(path: string, segment: MemorySegment, elf: MappedElf, isExecutable: boolean): FoundModule {
  const isLonger = elf.extentBytes > segment.memoryBytes;
  return {
    path,
    start: segment.address,
    end: segment.address + (isLonger ? elf.extentBytes : segment.memoryBytes),
    buildId: elf.buildId,
    isExecutable,
    deleted: false,
    flags: elf.header.flags,
  };
}

function named(module: FoundModule, memory: CoreMemory, hints: ProcessHints): FoundModule {
  const holds = (address: bigint | undefined): boolean =>
    address !== undefined && module.start <= address && address < module.end;
  const isExecutable = holds(hints.auxv.get(auxKey.programHeaders)) || holds(hints.auxv.get(auxKey.entry));
  const listed = hints.linkMap.find((entry) => entry.name !== "" && holds(entry.dynamicAddress))?.name;
  const executableName = hints.auxv.get(auxKey.executableName);
  const own = isExecutable && executableName !== undefined ? textAt(memory, executableName) : "";
  return { ...module, isExecutable, path: [own, listed].find((name) => name) ?? unknownPath };
}
