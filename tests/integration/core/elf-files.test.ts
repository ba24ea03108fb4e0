import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openByteReader } from "../../../src/core/byte-reader.ts";
import { readElfFile } from "../../../src/core/read-elf-file.ts";
import type { ElfFile } from "../../../src/core/types.ts";
import { compileC } from "../../lab/compile-c.ts";

const folder = mkdtempSync(join(tmpdir(), "elf-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = compileC("int main(void) { return 0; }", join(folder, "program"));
const library = compileC("int one(void) { return 1; }", join(folder, "library.so"), [
  "-shared",
  "-fPIC",
  "-Wl,-soname,libone.so.1",
]);

test("a program with debug information says so, and names its interpreter", () => {
  expect(fileAt(program)).toMatchObject({
    buildId: buildIdByReadelf(program),
    soname: null,
    interpreter: expect.stringMatching(/^\/lib.*\/ld/),
    debugLink: null,
    debugAltLink: null,
    hasDebugInfo: true,
    hasSymbolTable: true,
  });
});

test("a library has its soname", () => {
  expect(fileAt(library)).toMatchObject({
    soname: "libone.so.1",
    interpreter: null,
    buildId: buildIdByReadelf(library),
  });
});

test("a stripped program and its debug file share the build-id and divide the rest", () => {
  const debug = join(folder, "program.debug");
  const stripped = join(folder, "stripped");
  execFileSync("objcopy", ["--only-keep-debug", program, debug]);
  execFileSync("objcopy", ["--strip-all", `--add-gnu-debuglink=${debug}`, program, stripped]);
  expect(fileAt(stripped)).toMatchObject({
    buildId: buildIdByReadelf(program),
    debugLink: "program.debug",
    hasDebugInfo: false,
    hasSymbolTable: false,
    interpreter: expect.stringContaining("/ld"),
  });
  expect(fileAt(debug)).toMatchObject({
    buildId: buildIdByReadelf(program),
    interpreter: null,
    soname: null,
    hasDebugInfo: true,
    hasSymbolTable: true,
  });
});

test("a debug file made by elfutils is read too", () => {
  const debug = join(folder, "library.debug");
  execFileSync("eu-strip", ["-f", debug, "-o", join(folder, "library.stripped"), library]);
  expect(fileAt(debug)).toMatchObject({ buildId: buildIdByReadelf(library), hasDebugInfo: true, soname: null });
});

test("a link to a shared dwz file has its name and its build-id", () => {
  const id = "00112233445566778899aabbccddeeff00112233";
  const section = join(folder, "altlink");
  writeFileSync(section, Buffer.concat([Buffer.from("../.dwz/all.debug\0"), Buffer.from(id, "hex")]));
  const linked = join(folder, "linked");
  execFileSync("objcopy", ["--add-section", `.gnu_debugaltlink=${section}`, program, linked]);
  expect(fileAt(linked).debugAltLink).toEqual({ name: "../.dwz/all.debug", buildId: id });
});

test("a program without section headers is read by its segments", () => {
  const bytes = readFileSync(library);
  // e_shoff, e_shnum and e_shstrndx of a 64-bit little- or big-endian file, gone.
  bytes.fill(0, 40, 48);
  bytes.fill(0, 60, 64);
  const path = join(folder, "sectionless");
  writeFileSync(path, bytes);
  expect(fileAt(path)).toMatchObject({
    soname: "libone.so.1",
    buildId: buildIdByReadelf(library),
    hasDebugInfo: false,
  });
});

test("every program of this machine that elfutils can read has the same build-id here", () => {
  for (const path of ["/bin/sh", "/usr/bin/gdb", "/usr/bin/perl", "/usr/bin/gcc", process.execPath]) {
    expect([path, fileAt(path).buildId]).toEqual([path, buildIdByReadelf(path)]);
  }
});

test("what is cut off or no ELF file is a fault", () => {
  const cut = join(folder, "cut");
  writeFileSync(cut, readFileSync(program).subarray(0, 5000));
  expect(resultAt(cut)).toMatchObject({ ok: false, fault: { kind: "truncated-headers" } });
  expect(resultAt(`${program}.c`)).toMatchObject({ ok: false, fault: { kind: "not-elf" } });
});

function resultAt(path: string) {
  const reader = openByteReader(path);
  try {
    return readElfFile(reader);
  } finally {
    reader.close();
  }
}

function fileAt(path: string): ElfFile {
  const result = resultAt(path);
  if (!result.ok) throw new Error(result.fault.message);
  return result.file;
}

function buildIdByReadelf(path: string): string | null {
  return /Build ID: ([0-9a-f]+)/.exec(execFileSync("eu-readelf", ["-n", path], { encoding: "utf8" }))?.[1] ?? null;
}
