import {
  elfHeader,
  elfImage,
  encoder,
  type Format,
  note,
  type ProgramHeaderSpec,
  programHeader,
  sectionHeader,
  sizesOf,
} from "./elf-builder.ts";

/** A piece of memory in a forged core. */
export type Load = {
  readonly address: bigint;
  readonly content: Buffer;
  /** More than the content where the core does not hold all of it. */
  readonly memoryBytes?: number | bigint;
  /** PF_ flags: 4 read, 2 write, 1 execute. */
  readonly flags?: number;
};

export type CoreSpec = Format & {
  readonly machine: number;
  readonly type?: number;
  readonly flags?: number;
  readonly notes: readonly Buffer[];
  readonly loads: readonly Load[];
  /** Program headers to be added as they are, however absurd. */
  readonly extraHeaders?: readonly ProgramHeaderSpec[];
  /** Whether the count of program headers stands in section header 0, at the end of the file (PN_XNUM). */
  readonly extendedCount?: boolean;
};

/** Forges a core laid out as the kernel does: headers, notes, memory, and with PN_XNUM section header 0. */
export function buildCore(spec: CoreSpec): Buffer {
  const { header, program } = sizesOf(spec);
  const notes = Buffer.concat(spec.notes);
  const extra = spec.extraHeaders ?? [];
  const count = 1 + spec.loads.length + extra.length;
  const notesAt = header + count * program;
  let offset = notesAt + notes.length;
  const segments: ProgramHeaderSpec[] = [{ type: 4, offset: notesAt, fileBytes: notes.length }];
  for (const { address, content, memoryBytes = content.length, flags = 4 } of spec.loads) {
    segments.push({ type: 1, flags, address, offset, fileBytes: content.length, memoryBytes });
    offset += content.length;
  }
  const start = elfHeader({
    ...spec,
    type: spec.type ?? 4,
    programHeaderCount: spec.extendedCount === true ? 0xffff : count,
    ...(spec.extendedCount === true ? { sectionOffset: offset, sectionCount: 1 } : {}),
  });
  const table = [...segments, ...extra].map((segment) => programHeader(spec, segment));
  const tail = spec.extendedCount === true ? [sectionHeader(spec, { sizeBytes: 1, info: count })] : [];
  return Buffer.concat([start, ...table, notes, ...spec.loads.map((load) => load.content), ...tail]);
}

export type ThreadSpec = { readonly tid: number; readonly signal?: number; readonly registers?: Buffer };

/** NT_PRSTATUS. */
export function threadNote(format: Format, spec: ThreadSpec): Buffer {
  const { half, int } = encoder(format);
  const content = Buffer.alloc(format.bits === 64 ? 112 : 72);
  half(spec.signal ?? 0).copy(content, 12);
  int(spec.tid).copy(content, format.bits === 64 ? 32 : 24);
  return note(format, "CORE", 1, Buffer.concat([content, spec.registers ?? Buffer.alloc(0)]));
}

export type ProcessSpec = { readonly pid: number; readonly name: string; readonly commandLine: string };

/** NT_PRPSINFO; of 124 bytes (i386, arm) or 128 (others) in a 32-bit core. */
export function processNote(format: Format, spec: ProcessSpec, bytes = format.bits === 64 ? 136 : 124): Buffer {
  const content = Buffer.alloc(bytes);
  encoder(format)
    .int(spec.pid)
    .copy(content, bytes - 112);
  content.write(spec.name, bytes - 96, 16);
  content.write(spec.commandLine, bytes - 80, 80);
  return note(format, "CORE", 3, content);
}

/** NT_AUXV. */
export function auxvNote(format: Format, entries: ReadonlyMap<number, bigint>): Buffer {
  const { word } = encoder(format);
  const pairs = [...entries, [0, 0n] as const].map(([key, value]) => Buffer.concat([word(key), word(value)]));
  return note(format, "CORE", 6, Buffer.concat(pairs));
}

/** NT_SIGINFO. */
function signalNote(format: Format, signal: number): Buffer {
  return note(format, "CORE", 0x53494749, Buffer.concat([encoder(format).int(signal), Buffer.alloc(124)]));
}

export type MappedFile = { readonly start: bigint; readonly end: bigint; readonly page: number; readonly path: string };

/** NT_FILE; `count` may lie. */
export function fileNote(format: Format, files: readonly MappedFile[], count: number | bigint = files.length): Buffer {
  const { word } = encoder(format);
  const entries = files.map(({ start, end, page }) => Buffer.concat([word(start), word(end), word(page)]));
  const names = files.map(({ path }) => Buffer.from(`${path}\0`));
  return note(format, "CORE", 0x46494c45, Buffer.concat([word(count), word(4096), ...entries, ...names]));
}

/** An entry of the dynamic linker's list. `next` is the index of the next entry; the following one unless told. */
export type LinkEntry = {
  readonly name: string;
  readonly loadAddress: bigint;
  readonly dynamic?: bigint;
  readonly next?: number;
};

/**
 * The memory at `address` that the link map fills: first a dynamic section with DT_DEBUG, at 0x80 the
 * program's name (for AT_EXECFN), at 0x100 the r_debug, then 0x1000 bytes an entry.
 */
export function linkMapMemory(format: Format, address: bigint, entries: readonly LinkEntry[]): Buffer {
  const { int, word } = encoder(format);
  const memory = Buffer.alloc(0x1000 * (entries.length + 1));
  const entryAt = (index: number): bigint => (index < entries.length ? address + 0x1000n * BigInt(index + 1) : 0n);
  Buffer.concat([word(1), word(0), word(21), word(address + 0x100n), word(0), word(0)]).copy(memory);
  memory.write("/usr/bin/program", 0x80);
  const version = Buffer.concat([int(1), Buffer.alloc(format.bits / 8 - 4)]);
  Buffer.concat([version, word(entryAt(0))]).copy(memory, 0x100);
  for (const [index, entry] of entries.entries()) {
    const at = 0x1000 * (index + 1);
    const next = entryAt(entry.next ?? index + 1);
    const name = address + BigInt(at) + 0x100n;
    Buffer.concat([word(entry.loadAddress), word(name), word(entry.dynamic ?? 0n), word(next)]).copy(memory, at);
    memory.write(entry.name, at + 0x100);
  }
  return memory;
}

export const places = {
  program: 0x400000n,
  sharedObject: 0x10000000n,
  linker: 0x20000000n,
  vdso: 0x30000000n,
} as const;

export const buildIds = { program: "aa".repeat(20), sharedObject: "bb".repeat(20), vdso: "cc".repeat(20) } as const;

/** A small process in any format: a program, a library, the vdso, one thread, and a link map. */
export function typicalCore(format: Format, machine: number, changes: Partial<CoreSpec> = {}): Buffer {
  const image = (buildId: string, dynamicAddress?: bigint): Buffer =>
    elfImage(format, {
      machine,
      buildId,
      extentBytes: 0x3000,
      ...(dynamicAddress === undefined ? {} : { dynamicAddress }),
    });
  const { header } = sizesOf(format);
  const auxv = new Map([
    [3, places.program + BigInt(header)],
    [5, 4n],
    [9, places.program + 0x1000n],
    [31, places.linker + 0x80n],
    [33, places.vdso],
  ]);
  const files: MappedFile[] = [
    { start: places.program, end: places.program + 0x1000n, page: 0, path: "/usr/bin/program" },
    { start: places.program + 0x1000n, end: places.program + 0x3000n, page: 1, path: "/usr/bin/program" },
    { start: places.sharedObject, end: places.sharedObject + 0x3000n, page: 0, path: "/usr/lib/library.so (deleted)" },
    { start: 0x50000000n, end: 0x50001000n, page: 0, path: "/usr/share/fonts/font.ttf" },
  ];
  const names: LinkEntry[] = [
    { name: "", loadAddress: places.program, dynamic: places.program + 0x2000n },
    { name: "linux-vdso.so.1", loadAddress: places.vdso, dynamic: places.vdso + 0x10n },
    { name: "/lib/library.so", loadAddress: places.sharedObject, dynamic: places.sharedObject + 0x2000n },
  ];
  return buildCore({
    ...format,
    machine,
    notes: [
      threadNote(format, { tid: 42, signal: 11, registers: Buffer.alloc(400) }),
      processNote(format, { pid: 42, name: "program", commandLine: "program --now " }),
      signalNote(format, 11),
      auxvNote(format, auxv),
      fileNote(format, files),
    ],
    loads: [
      { address: places.program, content: image(buildIds.program, places.linker - places.program), flags: 4 },
      { address: places.program + 0x1000n, content: Buffer.alloc(0), memoryBytes: 0x2000, flags: 5 },
      { address: places.sharedObject, content: image(buildIds.sharedObject), memoryBytes: 0x3000, flags: 5 },
      { address: places.linker, content: linkMapMemory(format, places.linker, names), flags: 6 },
      { address: places.vdso, content: image(buildIds.vdso), flags: 5 },
      { address: 0x50000000n, content: Buffer.alloc(0), memoryBytes: 0x1000 },
    ],
    ...changes,
  });
}
