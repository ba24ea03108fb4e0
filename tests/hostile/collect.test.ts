import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../../src/collect/collect.ts";
import type { Collected, Refused } from "../../src/collect/types.ts";
import { readReport } from "../../src/report/read-report.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { auxvNote, fileNote, places, processNote, threadNote, typicalCore } from "../lab/core-builder.ts";
import type { Format } from "../lab/elf-builder.ts";
import { type TemporaryFolder, temporaryFolder } from "../lab/temporary.ts";
import { tool } from "../lab/tool.ts";

const format: Format = { bits: 64, byteOrder: "little" };
const amd64 = 62;
const mebibyte = 1024 ** 2;
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder?.[Symbol.asyncDispose]());

async function collected(corePath: string): Promise<Collected | Refused> {
  const workFolder = await mkdtemp(join(folder.path, "work-"));
  const request = { corePath, executable: null, architecture: "amd64", workFolder, maxCoreBytes: mebibyte };
  const result = await collect(request, new AbortController().signal);
  if (result.kind === "refused") expect(await readdir(workFolder)).toEqual([]);
  return result;
}

/** A core whose program has this path and was called so. */
async function coreOf(path: string, commandLine: string): Promise<string> {
  const { program } = places;
  const bytes = typicalCore(format, amd64, {
    notes: [
      threadNote(format, { tid: 42, signal: 11, registers: Buffer.alloc(400) }),
      processNote(format, { pid: 42, name: "program", commandLine }),
      auxvNote(format, new Map([[9, program + 0x1000n]])),
      fileNote(format, [
        { start: program, end: program + 0x1000n, page: 0, path },
        { start: program + 0x1000n, end: program + 0x3000n, page: 1, path },
      ]),
    ],
  });
  const corePath = join(await mkdtemp(join(folder.path, "core-")), "core");
  await writeFile(corePath, bytes);
  return corePath;
}

test.each([
  "/usr/bin/sle*p",
  "/usr/bin/slee[p]",
  "/usr/bin/../bin/sleep",
  "//usr/bin/sleep",
  "/usr/bin/sleep\nPackage: coreutils 1",
  "/usr/bin/sleep /usr/bin/env",
  "/usr/bin/\u001b]0;owned\u0007",
  "/usr/bin/$(touch owned)",
  "/proc/self/exe",
  "/dev/zero",
  "/-rf",
  "/..",
  `/${"x".repeat(300)}`,
  `/${"x/".repeat(2000)}`,
])("a program called %j is written down, and looked up nowhere", async (path) => {
  const result = await collected(await coreOf(path, `${path} --version`));
  if (result.kind === "refused") throw new Error(result.reason);
  expect(result.fields.get("ExecutablePath")).toBe(path);
  expect([...result.fields.keys()]).not.toContain("Package");
  const report = join(await mkdtemp(join(folder.path, "report-")), "x.crash");
  const binaries = new Map([["CoreDump", { path: result.corePath }]]);
  expect(await writeReport(report, { fields: result.fields, binaries })).toEqual({ ok: true });
  const read = await readReport(report, { spoolFolder: folder.path, binaries: "skip" });
  expect(read).toMatchObject({ ok: true, remarks: [] });
  if (read.ok) expect(new Map(read.report.fields)).toEqual(new Map(result.fields));
});

test.each(["-x", "", "sleep", "[vdso]"])("a core whose program is called %j names none", async (path) => {
  expect(await collected(await coreOf(path, "x"))).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("--executable"),
  });
});

test.each([
  "/usr/bin/program /dev/zero",
  "/usr/bin/program /proc/self/mem",
  "/usr/bin/program -c /etc/shadow",
  "\u0001\u0002 \u0003",
  " ".repeat(79),
])("the command line %j makes no script", async (commandLine) => {
  const result = await collected(await coreOf("/usr/bin/no-such-program", commandLine));
  expect(result).toMatchObject({ kind: "collected" });
  if (result.kind === "collected") expect(result.fields.has("InterpreterPath")).toBe(false);
});

test.each([
  ["xz", ["xz", "--stdout"]],
  ["lz4", ["lz4", "-q", "--stdout"]],
  ["zst", ["zstd", "-q", "--stdout"]],
  ["gz", ["gzip", "--stdout"]],
] as const)("a bomb of %s is refused at the limit, and leaves nothing", async (name, command) => {
  const zeros = join(folder.path, "zeros");
  await writeFile(zeros, Buffer.alloc(20 * mebibyte));
  const bomb = join(folder.path, `bomb-${name}`);
  await writeFile(bomb, await tool([...command, zeros]));
  expect(await collected(bomb)).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining(`decodes to more than ${mebibyte} bytes`),
  });
});

test.each([
  ["fd377a585a00", "xz"],
  ["04224d18", "lz4"],
  ["28b52ffd", "zstd"],
  ["1f8b08", "gzip"],
  ["1f8b", "gzip's first bytes alone"],
  ["7f454c46", "ELF"],
  ["", "nothing"],
])("rubbish that begins like %s (%s) is refused", async (magic) => {
  const path = join(await mkdtemp(join(folder.path, "rubbish-")), "-rf");
  await writeFile(path, Buffer.concat([Buffer.from(magic, "hex"), Buffer.from("rubbish".repeat(100))]));
  expect(await collected(path)).toMatchObject({ kind: "refused", reason: expect.stringContaining(path) });
});
