import { expect, test } from "vitest";
import { readCore } from "../../../src/core/read-core.ts";
import type { CoreModule } from "../../../src/core/types.ts";
import { bufferReader } from "../../lab/buffer-reader.ts";
import {
  auxvNote,
  buildCore,
  fileNote,
  type Load,
  type MappedFile,
  places,
  typicalCore,
} from "../../lab/core-builder.ts";
import { elfImage, type Format } from "../../lab/elf-builder.ts";

const format: Format = { bits: 64, byteOrder: "little" };
const page = 0x1000n;
const base = 0x7f0000000000n;
const image = (noteOffset = 0x400, ...moreSegments: readonly Segment[]): Buffer =>
  elfImage(format, { machine: 62, buildId: "0123abcd", moreSegments, noteOffset });
type Segment = { readonly offset: number; readonly address: bigint };

test("a second mapping of offset 0 belongs to the module whose program headers have a segment there", () => {
  const small = image(0x400, { offset: 0, address: page });
  const modules = modulesWith(
    [load(0n, small, 5), load(1n, small, 6)],
    [file("/bin/small", 0n, 1n), file("/bin/small", 1n, 2n)],
  );
  expect(modules).toMatchObject([{ path: "/bin/small", start: base, end: base + 2n * page, buildId: "0123abcd" }]);
});

test.each([1n, 4n])(
  "a mapping of offset 0 where no segment is, %i pages on, is another loading of the file",
  (pages) => {
    const modules = modulesWith(
      [load(0n, image(), 5), load(pages, image(), 5)],
      [file("/lib/a.so", 0n, 1n), file("/lib/a.so", pages, pages + 1n)],
    );
    expect(modules.map(({ start }) => start)).toEqual([base, base + pages * page]);
  },
);

test("a library that is loaded above a part of it that is only read keeps its own start", () => {
  const library = image(0x400, { offset: 0x1000, address: 2n * page });
  const modules = modulesWith(
    [load(0n, library, 4), load(4n, library, 5), load(6n, Buffer.alloc(4096), 6)],
    [file("/lib/data.so", 0n, 3n), file("/lib/data.so", 4n, 5n), { ...file("/lib/data.so", 6n, 7n), page: 1 }],
  );
  expect(modules).toMatchObject([{ path: "/lib/data.so", start: base + 4n * page, end: base + 7n * page }]);
});

test("a build-id note beyond the first page is read where the core holds it", () => {
  const content = image(0x1800);
  expect(modulesWith([load(0n, content, 5)], [file("/lib/a.so", 0n, 3n)])[0]?.buildId).toBe("0123abcd");
  expect(modulesWith([load(0n, content.subarray(0, 4096), 5)], [file("/lib/a.so", 0n, 3n)])[0]?.buildId).toBeNull();
});

test("program headers and notes are read through whichever mapping holds their part of the file", () => {
  const content = image(0x1800, { offset: 0x1000, address: 7n * page });
  const parts = [load(0n, content.subarray(0, 4096), 4), load(7n, content.subarray(4096), 5)];
  const files = [file("/lib/a.so", 0n, 1n), { ...file("/lib/a.so", 7n, 8n), page: 1 }];
  expect(modulesWith(parts, files)[0]?.buildId).toBe("0123abcd");
});

test("an executable mapping whose first page is not in the core is a module without a build-id", () => {
  const missing: Load = { address: base, content: Buffer.alloc(0), memoryBytes: page, flags: 5 };
  expect(modulesWith([missing], [file("/lib/a.so", 0n, 1n)])).toMatchObject([{ path: "/lib/a.so", buildId: null }]);
});

test("files that are no ELF files, or are read as data, are no modules", () => {
  const modules = modulesWith(
    [
      load(0n, Buffer.from("#!/bin/sh\n"), 5),
      load(1n, image(), 4),
      { ...load(2n, Buffer.alloc(0), 4), memoryBytes: page },
    ],
    [file("/bin/script", 0n, 1n), file("/lib/read-as-data.so", 1n, 2n), file("/usr/share/locale", 2n, 3n)],
  );
  expect(modules).toEqual([]);
});

test("a further mapping of a part of a module is no module", () => {
  const modules = modulesWith(
    [load(0n, image(), 5), load(9n, Buffer.alloc(4096), 5)],
    [file("/usr/bin/node", 0n, 1n), { ...file("/usr/bin/node", 9n, 10n), page: 5 }],
  );
  expect(modules).toHaveLength(1);
});

test("a program whose file is not mapped from its first byte is known by its entry point", () => {
  const text: Load = { address: base, content: Buffer.alloc(0), memoryBytes: page, flags: 5 };
  const modules = modulesWith([text], [{ ...file("/bin/odd", 0n, 1n), page: 3 }], new Map([[9, base + 0x10n]]));
  expect(modules).toMatchObject([{ path: "/bin/odd", start: base, isExecutable: true, buildId: null }]);
});

test("without NT_FILE, modules are the ELF images in memory, named by link map and AT_EXECFN", () => {
  const whole = typicalCore(format, 62);
  // The note's type: the kernel before 3.7 has no such note.
  whole.writeUInt32LE(0x99, whole.indexOf(Buffer.from([0x45, 0x4c, 0x49, 0x46])));
  const result = readCore(bufferReader(whole));
  expect(result).toMatchObject({
    core: {
      mappings: [],
      modules: [
        { path: "/usr/bin/program", start: places.program, isExecutable: true },
        { path: "/lib/library.so", start: places.sharedObject, isExecutable: false },
        { path: "[vdso]", start: places.vdso },
      ],
    },
  });
});

function load(pages: bigint, content: Buffer, flags: number): Load {
  return { address: base + pages * page, content, flags, memoryBytes: Math.max(content.length, 1) };
}

function file(path: string, from: bigint, to: bigint): MappedFile {
  return { start: base + from * page, end: base + to * page, page: 0, path };
}

function modulesWith(
  loads: readonly Load[],
  files: readonly MappedFile[],
  auxv: ReadonlyMap<number, bigint> = new Map(),
): readonly CoreModule[] {
  const notes = [fileNote(format, files), auxvNote(format, auxv)];
  const result = readCore(bufferReader(buildCore({ ...format, machine: 62, notes, loads })));
  if (!result.ok) throw new Error(result.fault.message);
  return result.core.modules;
}
