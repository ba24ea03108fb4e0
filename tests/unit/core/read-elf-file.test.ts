import { expect, test } from "vitest";
import { readElfFile } from "../../../src/core/read-elf-file.ts";
import { bufferReader } from "../../lab/buffer-reader.ts";
import { elfHeader, elfImage, type Format, formats, note, sectionHeader, sizesOf } from "../../lab/elf-builder.ts";

const noBits = 8;

type Section = { readonly name: string; readonly type: number; readonly content: Buffer };

/** A file of sections alone, as an object or debug file is; the first is the mandatory empty one. */
function sectionFile(format: Format, sections: readonly Section[]): Buffer {
  const all = [
    { name: "", type: 0, content: Buffer.alloc(0) },
    ...sections,
    { name: ".shstrtab", type: 3, content: Buffer.alloc(0) },
  ];
  const names = Buffer.from(`${all.map(({ name }) => name).join("\0")}\0`);
  const contents = all.map(({ name, content }) => (name === ".shstrtab" ? names : content));
  const { header, section: entryBytes } = sizesOf(format);
  let offset = header + all.length * entryBytes;
  const table = all.map(({ name, type }, index) => {
    const sizeBytes = contents[index]?.length ?? 0;
    const entry = sectionHeader(format, {
      name: names.indexOf(`\0${name}\0`) + (index === 0 ? 0 : 1),
      type,
      offset,
      sizeBytes,
    });
    offset += sizeBytes;
    return entry;
  });
  const counts = {
    programHeaderCount: 0,
    sectionOffset: header,
    sectionCount: all.length,
    sectionNamesIndex: all.length - 1,
  };
  return Buffer.concat([elfHeader({ ...format, type: 3, machine: 62, ...counts }), ...table, ...contents]);
}

test.each(formats)("sections of a $bits-bit $byteOrder-endian file tell its parts", (format) => {
  const file = sectionFile(format, [
    { name: ".note.gnu.build-id", type: 7, content: note(format, "GNU", 3, Buffer.from("abcdef01", "hex")) },
    { name: ".debug_info", type: 1, content: Buffer.alloc(4) },
    { name: ".symtab", type: 2, content: Buffer.alloc(24) },
    { name: ".interp", type: 1, content: Buffer.from("/lib/ld.so\0") },
    { name: ".gnu_debugaltlink", type: 1, content: Buffer.from("dwz.debug\0\x01\x02", "latin1") },
  ]);
  expect(readElfFile(bufferReader(file))).toEqual({
    ok: true,
    file: {
      ...format,
      machine: 62,
      buildId: "abcdef01",
      soname: null,
      interpreter: "/lib/ld.so",
      debugLink: null,
      debugAltLink: { name: "dwz.debug", buildId: "0102" },
      hasDebugInfo: true,
      hasSymbolTable: true,
    },
  });
});

test.each(formats)("sections without content ($bits-bit $byteOrder-endian) are as if they were not there", (format) => {
  const file = sectionFile(format, [
    { name: ".note.gnu.build-id", type: noBits, content: note(format, "GNU", 3, Buffer.from("abcdef01", "hex")) },
    { name: ".debug_info", type: noBits, content: Buffer.alloc(4) },
    { name: ".interp", type: noBits, content: Buffer.from("/lib/ld.so\0") },
  ]);
  expect(readElfFile(bufferReader(file))).toMatchObject({
    file: { buildId: null, hasDebugInfo: false, hasSymbolTable: false, interpreter: null },
  });
});

test.each(formats)("a $bits-bit $byteOrder-endian image without sections has its build-id by segment", (format) => {
  const image = elfImage(format, { machine: 62, buildId: "00".repeat(20) });
  expect(readElfFile(bufferReader(image))).toMatchObject({ file: { buildId: "00".repeat(20), hasDebugInfo: false } });
});

test("a core is no program or library", () => {
  const image = elfImage({ bits: 64, byteOrder: "little" }, { machine: 62, type: 4 });
  expect(readElfFile(bufferReader(image))).toMatchObject({ ok: false, fault: { kind: "bad-header" } });
});
