import { windowed } from "./byte-reader.ts";
import { type CoreMemory, coreMemory } from "./core-memory.ts";
import { type CoreNotes, readCoreNotes } from "./core-notes.ts";
import { readCoreSegments } from "./core-segments.ts";
import { fault, type Outcome } from "./elf-format.ts";
import { type ElfHeader, elfType, readElfHeader } from "./elf-header.ts";
import { readFileNote } from "./file-note.ts";
import { readLinkMap } from "./link-map.ts";
import { debianArchitecture } from "./machines.ts";
import { type FoundModule, modulesOf, type ProcessHints } from "./modules.ts";
import type { ByteReader, Core, CoreFault, FileMapping, LinkName } from "./types.ts";
import { unnamedModulesOf, vdsoOf } from "./unnamed-modules.ts";

export type CoreResult = { readonly ok: true; readonly core: Core } | { readonly ok: false; readonly fault: CoreFault };

/**
 * Reads what the headers and notes of an ELF core say: System V ABI, elf(5), and Linux's
 * fs/binfmt_elf.c for the notes. Never throws for what is in the file; a core that is cut off behind its
 * program headers still gives whatever it holds.
 */
export function readCore(reader: ByteReader): CoreResult {
  const near = windowed(reader);
  const header = readElfHeader(near);
  if (!header.ok) return header;
  if (header.value.type !== elfType.core) return fault("not-a-core", `the file is ${kindOf(header.value.type)}`, 16);
  const segments = readCoreSegments(near, header.value);
  if (!segments.ok) return segments;
  const notes = readCoreNotes(near, header.value, segments.value.notes);
  if (!notes.ok) return notes;
  const memory = coreMemory(reader, segments.value.loads);
  const files = notes.value.fileNote === null ? null : readFileNote(header.value, notes.value.fileNote, memory);
  if (files?.ok === false) return files;
  const program = readProgram(header.value, memory, notes.value, files?.value ?? null);
  if (!program.ok) return program;
  return { ok: true, core: assemble(header.value, notes.value, program.value, segments.value.truncatedBy) };
}

type Program = {
  readonly modules: readonly FoundModule[];
  readonly mappings: readonly FileMapping[];
  readonly linkNames: readonly LinkName[];
};

function readProgram(
  header: ElfHeader,
  memory: CoreMemory,
  notes: CoreNotes,
  mappings: readonly FileMapping[] | null,
): Outcome<Program> {
  const hints: ProcessHints = { auxv: notes.auxv, linkMap: readLinkMap(header, memory, notes.auxv) };
  const found = mappings === null ? null : modulesOf(memory, mappings, hints);
  if (found?.ok === false) return found;
  const vdso = vdsoOf(memory, hints);
  const modules = [...(found?.value ?? unnamedModulesOf(memory, hints)), ...(vdso === null ? [] : [vdso])];
  // The program itself has no name in the list, and the vdso no file: gdb looks for neither.
  const linkNames = hints.linkMap
    .filter(({ name, dynamicAddress: at }) => name !== "" && !(vdso !== null && vdso.start <= at && at < vdso.end))
    .map(({ name, loadAddress }) => ({ name, loadAddress }));
  return { ok: true, value: { modules: modules.sort(byStart), mappings: mappings ?? [], linkNames } };
}

function byStart(a: FoundModule, b: FoundModule): number {
  return a.start < b.start ? -1 : 1;
}

function assemble(header: ElfHeader, notes: CoreNotes, program: Program, truncatedBy: number): Core {
  const { fileNote: _, ...process } = notes;
  // The kernel leaves e_flags of an ARM core at 0; those of the program tell armel from armhf.
  const flags = header.flags || (program.modules.find((module) => module.isExecutable)?.flags ?? 0);
  return {
    bits: header.bits,
    byteOrder: header.byteOrder,
    machine: header.machine,
    architecture: debianArchitecture(header, header.machine, flags),
    modules: program.modules.map(({ flags: _flags, ...module }) => module),
    mappings: program.mappings,
    ...process,
    linkNames: program.linkNames,
    truncatedBy,
  };
}

function kindOf(type: number): string {
  if (type === elfType.relocatable) return "an ELF object file, not a core";
  if (type === elfType.executable) return "an ELF program, not a core";
  if (type === elfType.shared) return "an ELF program or library, not a core";
  return `ELF of type ${type}, not a core`;
}
