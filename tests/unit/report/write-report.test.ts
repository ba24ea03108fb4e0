import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { BinarySource } from "../../../src/report/gzip-entry.ts";
import { readReport } from "../../../src/report/read-report.ts";
import { writeReport } from "../../../src/report/write-report.ts";
import { accepted, temporaryFolder } from "./report-builder.ts";

async function written(fields: Record<string, string>, binaries: Record<string, BinarySource> = {}): Promise<string> {
  const path = join(await temporaryFolder(), "some.crash");
  const contents = { fields: new Map(Object.entries(fields)), binaries: new Map(Object.entries(binaries)) };
  expect(await writeReport(path, contents)).toEqual({ ok: true });
  return readFile(path, "latin1");
}

async function refused(fields: Record<string, string>, binaries: Record<string, BinarySource> = {}): Promise<unknown> {
  const folder = await temporaryFolder();
  const contents = { fields: new Map(Object.entries(fields)), binaries: new Map(Object.entries(binaries)) };
  const result = await writeReport(join(folder, "some.crash"), contents);
  expect(await readdir(folder)).toEqual([]);
  return result.ok ? null : result.fault;
}

const bytes = (...pieces: string[]): BinarySource => ({
  stream: Readable.from(pieces.map((piece) => Buffer.from(piece))),
});

test("ProblemType comes first, the other texts by name, the binary fields last by name", async () => {
  const report = await written(
    { Signal: "11", Architecture: "amd64", _Internal: "x", ProblemType: "Crash", Date: "y" },
    { VmCore: bytes("v"), CoreDump: bytes("c") },
  );
  const keys = report.match(/^[^ :]+(?=:)/gm);
  expect(keys).toEqual(["ProblemType", "Architecture", "Date", "Signal", "_Internal", "CoreDump", "VmCore"]);
});

test("a value stands on the key's line unless it would be read back differently", async () => {
  expect(await written({ A: "one word", B: "", C: "a:b", D: "base64x" })).toBe(
    "A: one word\nB: \nC: a:b\nD: base64x\n",
  );
  expect(await written({ A: "one\n\ntwo" })).toBe("A:\n one\n \n two\n");
  expect(await written({ A: " led" })).toBe("A:\n  led\n");
  expect(await written({ A: "trailed\t" })).toBe("A:\n trailed\t\n");
  expect(await written({ A: "ended\n" })).toBe("A:\n ended\n \n");
  expect(await written({ A: "base64" })).toBe("A:\n base64\n");
  expect(await written({ A: "cr\r" })).toBe("A:\n cr\r\n");
  expect(await written({ A: "\u00a0unicode" })).toBe("A:\n \xc2\xa0unicode\n");
});

test("a binary field has Apport's layout: header with name, a line per compressed block, trailer", async () => {
  const core = crypto.getRandomValues(Buffer.alloc(50_000));
  const report = await written({ ProblemType: "Crash" }, { CoreDump: { stream: Readable.from(Array(10).fill(core)) } });
  const lines = report.split("\n").slice(2, -1);
  const pieces = lines.map((line) => Buffer.from(line.slice(1), "base64"));
  expect(lines.every((line) => line.startsWith(" ") && line.length % 4 === 1)).toBe(true);
  expect(pieces[0]?.subarray(0, 4)).toEqual(Buffer.from([0x1f, 0x8b, 8, 8]));
  expect(pieces[0]?.subarray(10)).toEqual(Buffer.from("CoreDump\0"));
  expect(pieces.length).toBeGreaterThan(4);
  expect(gunzipSync(Buffer.concat(pieces))).toEqual(Buffer.concat(Array(10).fill(core)));
});

test("an empty binary field can be written and read", async () => {
  const report = await written({}, { Empty: { stream: Readable.from([]) } });
  const result = await readReport(Readable.from([Buffer.from(report)]), {
    spoolFolder: await temporaryFolder(),
    binaries: "spool",
  });
  expect(accepted(result).report.binaries.get("Empty")?.sizeBytes).toBe(0);
});

test("what the format cannot express is refused, with the field's name, and nothing is written", async () => {
  expect(await refused({ A: "x", B: "a\0b" })).toMatchObject({ kind: "bad-text", field: "B" });
  expect(await refused({ A: "half \ud83d" })).toMatchObject({ kind: "bad-text", field: "A" });
  expect(await refused({ A: "escapes of a whole character \udcc3\udca9" })).toMatchObject({ kind: "bad-text" });
  expect(await refused({ "../x": "y" })).toMatchObject({ kind: "bad-key", field: "../x" });
  expect(await refused({ "A\nB": "y" })).toMatchObject({ kind: "bad-key" });
  expect(await refused({ A: "y" }, { Ä: bytes("x") })).toMatchObject({ kind: "bad-key", field: "Ä" });
  expect(await refused({ A: "y" }, { A: bytes("x") })).toMatchObject({ kind: "repeated-key", field: "A" });
  expect(await refused({ CoreDump: "y" })).toMatchObject({ kind: "wrong-form", field: "CoreDump" });
  expect(await refused({})).toMatchObject({ kind: "empty" });
});

test("bytes that are not UTF-8 are written as they were", async () => {
  expect(await written({ ProcCmdline: "cat caf\udce9 é" })).toBe("ProcCmdline: cat caf\xe9 \xc3\xa9\n");
});

test("the file is private, and replaces the one before", async () => {
  const path = join(await temporaryFolder(), "some.crash");
  await writeFile(path, "old", { mode: 0o644 });
  await writeReport(path, { fields: new Map([["A", "new"]]), binaries: new Map() });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).toBe("A: new\n");
});

test("a source that fails leaves the file before and nothing else", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "some.crash");
  await writeFile(path, "old");
  const failing = Readable.from(
    (async function* () {
      yield Buffer.alloc(300_000, "x");
      throw new Error("the disk is gone");
    })(),
  );
  for (const source of [{ stream: failing }, { path: join(folder, "missing") }]) {
    const writing = writeReport(path, { fields: new Map([["A", "x"]]), binaries: new Map([["CoreDump", source]]) });
    await expect(writing).rejects.toThrow(/the disk is gone|ENOENT/);
  }
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["some.crash"]);
});

test("a target that cannot be replaced leaves nothing aside", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "taken", "inner"), { recursive: true });
  const writing = writeReport(join(folder, "taken"), { fields: new Map([["A", "x"]]), binaries: new Map() });
  await expect(writing).rejects.toThrow();
  expect(await readdir(folder)).toEqual(["taken"]);
});

test("an aborted writing ends with the signal's reason and leaves nothing", async () => {
  const folder = await temporaryFolder();
  const abort = new AbortController();
  const stalled = async function* () {
    yield Buffer.from("x");
    abort.abort(new Error("the batch is being stopped"));
    await new Promise(() => {});
  };
  const contents = { fields: new Map([["A", "x"]]), binaries: new Map([["B", { stream: Readable.from(stalled()) }]]) };
  await expect(writeReport(join(folder, "some.crash"), contents, abort.signal)).rejects.toThrow(
    "the batch is being stopped",
  );
  expect(await readdir(folder)).toEqual([]);
});
