import { auxKey } from "./auxiliary.ts";
import type { CoreMemory } from "./core-memory.ts";
import { fault, type Outcome } from "./elf-format.ts";
import { segmentFlag } from "./elf-tables.ts";
import { limits } from "./limits.ts";
import type { LinkMapEntry } from "./link-map.ts";
import { type MappedElf, readMappedElf } from "./mapped-file.ts";
import type { CoreModule, FileMapping } from "./types.ts";

/** What is known of the process besides its memory, and helps to tell modules from mere mappings. */
export type ProcessHints = {
  readonly auxv: ReadonlyMap<number, bigint>;
  readonly linkMap: readonly LinkMapEntry[];
};

/** A module with e_flags of its header (they tell armel from armhf), null where the core does not hold it. */
export type FoundModule = CoreModule & { readonly flags: number | null };

/** One loading of a file: consecutive mappings of it, the first one at offset 0. */
type Image = { readonly mappings: FileMapping[]; readonly elf: MappedElf | null };

const deletedMark = " (deleted)";

/**
 * The ELF files among the mapped files, by address. A file that was loaded twice (dlmopen) is two modules.
 * Locale archives, fonts and libraries that a program reads as data are mappings and no modules; nor is
 * a further mapping of a part of a module (node maps some of its own code a second time).
 */
export function modulesOf(
  memory: CoreMemory,
  mappings: readonly FileMapping[],
  hints: ProcessHints,
): Outcome<FoundModule[]> {
  const modules: FoundModule[] = [];
  for (const [path, ofPath] of Map.groupBy(mappings, (mapping) => mapping.path)) {
    const images = [...imagesOf(memory, ofPath)];
    const hasHead = images.some((image) => image.mappings[0]?.fileOffset === 0n);
    for (const image of images) {
      if (hasHead && image.mappings[0]?.fileOffset !== 0n) continue;
      if (!isLoaded(memory, image, hints)) continue;
      modules.push(moduleOf(path, image, hints));
      if (modules.length > limits.modules)
        return fault("too-many", `the core claims more than ${limits.modules} modules`);
    }
  }
  return { ok: true, value: modules.sort((a, b) => (a.start < b.start ? -1 : 1)) };
}

function* imagesOf(memory: CoreMemory, mappings: readonly FileMapping[]): Generator<Image> {
  let image: Image | null = null;
  for (const [index, mapping] of mappings.entries()) {
    if (image !== null && belongsTo(image, mapping)) {
      image.mappings.push(mapping);
      continue;
    }
    if (image !== null) yield image;
    // The same file throughout, so its notes may be read through any of its next mappings.
    const elf = mapping.fileOffset === 0n ? readMappedElf(memory, mappings.slice(index, index + 16)) : null;
    image = { mappings: [mapping], elf };
  }
  if (image !== null) yield image;
}

// A small program's data segment begins in the same page of the file as its text, so its mapping has offset
// 0 too and shows ELF's magic a second time. It is no second loading: it lies where the program headers have
// it. And a second loading may lie within the reach of a first: gdb had mapped the beginning of libicudata to
// read it, right below the libicudata that was loaded. Without headers (not dumped, or cut off) the next
// mapping has to follow directly.
function belongsTo(image: Image, mapping: FileMapping): boolean {
  if (image.elf === null) return mapping.fileOffset !== 0n || mapping.start === image.mappings.at(-1)?.end;
  const shift = mapping.start - mapping.fileOffset - (image.mappings[0]?.start ?? 0n);
  return image.elf.shifts.includes(shift);
}

// Real example: gdb maps libc's debug file as data, with the same build-id as the libc that it has loaded.
// What the dynamic linker or the kernel loaded is executable somewhere, or in several parts, or listed in
// the link map (libicudata has no code and may be one part).
function isLoaded(memory: CoreMemory, image: Image, hints: ProcessHints): boolean {
  if (image.elf === null && !headIsMissing(memory, image)) return false;
  if (holdsProgram(image, hints)) return true;
  if (image.mappings.some((mapping) => isExecutable(memory, mapping))) return true;
  const isListed = hints.linkMap.some((entry) => holds(image, entry.dynamicAddress));
  return isListed || (image.elf !== null && image.mappings.length > 1);
}

// Only the core's own word counts here, not the guess that is made for a mapping without a program header.
function isExecutable(memory: CoreMemory, mapping: FileMapping): boolean {
  return ((memory.segmentAt(mapping.start)?.flags ?? 0) & segmentFlag.execute) !== 0;
}

function headIsMissing(memory: CoreMemory, image: Image): boolean {
  const first = image.mappings[0];
  return first === undefined || first.fileOffset !== 0n || memory.read(first.start, 1).length === 0;
}

function holdsProgram(image: Image, hints: ProcessHints): boolean {
  const places = [hints.auxv.get(auxKey.programHeaders), hints.auxv.get(auxKey.entry)];
  return places.some((address) => address !== undefined && holds(image, address));
}

function holds(image: Image, address: bigint): boolean {
  return image.mappings.some((mapping) => mapping.start <= address && address < mapping.end);
}

function moduleOf(path: string, image: Image, hints: ProcessHints): FoundModule {
  const deleted = path.endsWith(deletedMark);
  return {
    path: deleted ? path.slice(0, -deletedMark.length) : path,
    start: image.mappings[0]?.start ?? 0n,
    end: image.mappings.at(-1)?.end ?? 0n,
    buildId: image.elf?.buildId ?? null,
    isExecutable: holdsProgram(image, hints),
    deleted,
    flags: image.elf?.header.flags ?? null,
  };
}
