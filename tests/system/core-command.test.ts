import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildCore, fileNote, processNote, typicalCore } from "../lab/core-builder.ts";
import { type Format, programHeader } from "../lab/elf-builder.ts";
import { makeCore } from "../lab/make-core.ts";
import { comparablePath, unstripModules } from "../lab/unstrip.ts";

const folder = mkdtempSync(join(tmpdir(), "core-command-"));
const little64: Format = { bits: 64, byteOrder: "little" };
let sleepCore = "";

beforeAll(async () => {
  sleepCore = await makeCore(["sleep", "1000"], folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("--json gives the modules that elfutils finds, the threads, the signal and that the core is whole", () => {
  const { status, stdout } = coreCommand(sleepCore, "--json");
  const shown = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(shown).toMatchObject({ signal: 11, truncatedBy: 0 });
  expect(shown.threads).toEqual([{ tid: expect.any(Number), pc: expect.stringMatching(/^0x[0-9a-f]+$/) }]);
  const modules = shown.modules.map(({ path, start, buildId }: { path: string; start: string; buildId: string }) => {
    return { start, buildId, path: comparablePath(path) };
  });
  expect(modules.sort((a: { start: string }, b: { start: string }) => (a.start < b.start ? -1 : 1))).toEqual(
    unstripModules(sleepCore),
  );
});

test("a forged core is shown in full as a table", () => {
  expect(coreCommand(file("forged", typicalCore(little64, 22))).stdout).toMatchInlineSnapshot(`
    "Command       program --now (pid 42)
    Architecture  unknown machine 22, 64 bits, little-endian
    Signal        11 SIGSEGV
    Complete      yes

    1 thread (the crashing one first)
           42  pc unknown

    3 modules (* the program itself)
    * 0x400000            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  /usr/bin/program
      0x10000000          bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb  /usr/lib/library.so (deleted since)
      0x30000000          cccccccccccccccccccccccccccccccccccccccc  [vdso]
    "
  `);
});

test("a cut-off core is shown, with the bytes that are missing", () => {
  const whole = typicalCore(little64, 62);
  const { status, stdout } = coreCommand(file("cut-off", whole.subarray(0, whole.length - 4096)));
  expect(status).toBe(0);
  expect(stdout).toContain("no, cut off by 4096 bytes");
});

test("terminal escapes in paths and names never reach the terminal", () => {
  const path = "/tmp/\x1b]0;owned\x07\n/bin/sh\u202e";
  const files = [{ start: 0x1000n, end: 0x2000n, page: 0, path }];
  const notes = [
    processNote(little64, { pid: 1, name: "\x1b[2J", commandLine: "\x1b[2J\x9b" }),
    fileNote(little64, files),
  ];
  const loads = [{ address: 0x1000n, content: Buffer.alloc(0), memoryBytes: 0x1000, flags: 5 }];
  const { stdout } = coreCommand(file("\x1b[31mred", buildCore({ ...little64, machine: 62, notes, loads })));
  expect(stdout).toContain("/tmp/\\x1b]0;owned\\x07\\x0a/bin/sh\\u202e");
  expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
});

test.each([
  { name: "absent", path: () => join(folder, "absent"), message: /cannot open .*absent: ENOENT/ },
  { name: "a folder", path: () => folder, message: /cannot open .*: not a regular file/ },
  { name: "empty", path: () => file("empty", Buffer.alloc(0)), message: /is not a readable core: the file is empty/ },
  { name: "a text", path: () => file("text", Buffer.from("hello")), message: /does not begin with ELF's magic number/ },
  {
    name: "a program",
    path: () => process.execPath,
    message: /is an ELF program, not a core|program or library, not a core/,
  },
  {
    name: "compressed",
    path: () => file("zst", Buffer.from("28b52ffd", "hex")),
    message: /decompress it first \(zstd -d\)/,
  },
  {
    name: "a report",
    path: () => file("crash", Buffer.from("ProblemType: Crash\n")),
    message: /looks like a crash report/,
  },
  {
    name: "cut off in its headers",
    path: () =>
      file("stub", Buffer.concat([typicalCore(little64, 62).subarray(0, 64), programHeader(little64, { type: 4 })])),
    message: /ends inside its table of 7 program headers \(at offset 0x40\)/,
  },
])("a file that is $name is an error that says why, exit 1", ({ path, message }) => {
  const { status, stdout, stderr } = coreCommand(path());
  expect(stderr).toMatch(/^crash-digger: /);
  expect(stderr).toMatch(message);
  expect({ status, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({ status: 1, stdout: "", lines: 1 });
});

test("no file is wrong usage, exit 2", () => {
  expect(coreCommand()).toMatchObject({ status: 2, stdout: "" });
});

function file(name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function coreCommand(...args: string[]) {
  const command = new URL("../../bin/crash-digger", import.meta.url).pathname;
  return spawnSync(command, ["core", ...args], { encoding: "utf8", timeout: 60_000 });
}
