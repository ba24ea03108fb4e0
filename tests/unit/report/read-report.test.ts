import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { readReport } from "../../../src/report/read-report.ts";
import { run } from "../../../src/system/process.ts";
import { randomFrom } from "../../lab/random.ts";
import { accepted, binaryEntry, decoded, fieldsOf, piecesOf, read, temporaryFolder } from "./report-builder.ts";

const core = Buffer.from("\x7fELF and what follows ".repeat(5000));

test("a value stands on the key's line or behind blanks on lines of its own", async () => {
  const fields = await fieldsOf("ProblemType: Crash\nSignal: 11\nStacktrace:\n #0  main ()\n #1  start ()\nEmpty:\n");
  expect(fields).toEqual({
    ProblemType: "Crash",
    Signal: "11",
    Stacktrace: "#0  main ()\n#1  start ()",
    Empty: "",
  });
});

test("a value on the key's line is stripped, lines of their own are kept as they are", async () => {
  const fields = await fieldsOf("A: \t one \nB:\n  two \t\n \n three\r\n \nC:four\n");
  expect(fields).toEqual({ A: "one", B: " two \t\n\nthree\r\n", C: "four" });
});

test("an indented line continues a value that began on the key's line", async () => {
  expect(await fieldsOf("A: one\n two\n")).toEqual({ A: "one\ntwo" });
});

test("ProblemType need not be first, and the last line may lack its line feed", async () => {
  expect(await fieldsOf("Signal: 6\nProblemType: Crash")).toEqual({ Signal: "6", ProblemType: "Crash" });
});

test("keys are case-sensitive and may be called like properties of every object", async () => {
  const fields = accepted((await read("a: 1\nA: 2\n__proto__: 3\nconstructor: 4\n_Internal: 5\n")).result).report
    .fields;
  expect([...fields]).toEqual([
    ["a", "1"],
    ["A", "2"],
    ["__proto__", "3"],
    ["constructor", "4"],
    ["_Internal", "5"],
  ]);
});

test("of a repeated key the last wins, and it is remarked on", async () => {
  const { result } = await read("A: one\nB: two\nA: three\n");
  expect([...accepted(result).report.fields]).toEqual([
    ["B", "two"],
    ["A", "three"],
  ]);
  expect(accepted(result).remarks).toEqual([{ kind: "repeated-key", field: "A", line: 3 }]);
});

test("a repeated binary key leaves only the file of the last", async () => {
  const report = `A: x\n${binaryEntry("CoreDump", gzipSync("first"))}${binaryEntry("CoreDump", gzipSync("second"))}`;
  const { result, spoolFolder } = await read(report);
  const path = accepted(result).report.binaries.get("CoreDump")?.path ?? "";
  expect(await readFile(path, "utf8")).toBe("second");
  expect((await readdir(spoolFolder)).map((name) => join(spoolFolder, name))).toEqual([path]);
});

test("a text after a binary field of the same key takes its place, and the other way round", async () => {
  const binary = binaryEntry("Screen", gzipSync("bytes"));
  const { result, spoolFolder } = await read(`${binary}Screen: text\n`);
  expect(accepted(result).report.fields.get("Screen")).toBe("text");
  expect(await readdir(spoolFolder)).toEqual([]);
  const reversed = accepted((await read(`Screen: text\n${binary}`)).result).report;
  expect(reversed.fields.size).toBe(0);
  expect([...reversed.binaries.keys()]).toEqual(["Screen"]);
});

test.each([
  ["gzip", gzipSync(core)],
  ["zstd", zstdCompressSync(core)],
  ["bare zlib", deflateSync(core)],
  ["two gzip members", Buffer.concat([gzipSync(core.subarray(0, 7)), gzipSync(core.subarray(7))])],
  ["two zstd frames", Buffer.concat([zstdCompressSync(core.subarray(0, 7)), zstdCompressSync(core.subarray(7))])],
])("a binary field in %s is decoded, however it is cut into lines", async (_, compressed) => {
  expect(await decoded(`A: x\n${binaryEntry("CoreDump", compressed)}`, "CoreDump")).toEqual(core);
  for (const sizeBytes of [1, 10, 100]) {
    const entry = binaryEntry("CoreDump", ...piecesOf(compressed, sizeBytes));
    expect(await decoded(`A: x\n${entry}B: y\n`, "CoreDump")).toEqual(core);
  }
});

test("a line with 1 MiB of data, as old reports have them, is read", async () => {
  const random = crypto.getRandomValues(Buffer.alloc(60_000));
  const bytes = Buffer.concat(Array.from({ length: 40 }, () => random));
  const compressed = gzipSync(bytes, { level: 0 });
  expect(await decoded(binaryEntry("CoreDump", ...piecesOf(compressed, 1024 ** 2)), "CoreDump")).toEqual(bytes);
});

test("spooled files are private, and their names have nothing of the key", async () => {
  const { result, spoolFolder } = await read(binaryEntry("..evil", gzipSync("x")));
  const field = accepted(result).report.binaries.get("..evil");
  expect(field).toEqual({ path: join(spoolFolder, "field-1"), sizeBytes: 1 });
  expect((await stat(field?.path ?? "")).mode & 0o777).toBe(0o600);
});

test("two reports can be read into one spool folder", async () => {
  const first = await read(binaryEntry("CoreDump", gzipSync("one")));
  const second = await read(binaryEntry("CoreDump", gzipSync("two")), { spoolFolder: first.spoolFolder });
  const paths = [first, second].map(({ result }) => accepted(result).report.binaries.get("CoreDump")?.path ?? "");
  expect(await Promise.all(paths.map((path) => readFile(path, "utf8")))).toEqual(["one", "two"]);
});

test("pages of zeros in a core take no space on disk", async () => {
  const sizeBytes = 32 * 1024 ** 2;
  const bytes = Buffer.concat([
    Buffer.from("start"),
    Buffer.alloc(sizeBytes),
    Buffer.from("end"),
    Buffer.alloc(sizeBytes),
  ]);
  const { result } = await read(binaryEntry("CoreDump", gzipSync(bytes)));
  const path = accepted(result).report.binaries.get("CoreDump")?.path ?? "";
  expect((await readFile(path)).equals(bytes)).toBe(true);
  expect((await stat(path)).blocks * 512).toBeLessThan(1024 ** 2);
});

test("without the binary fields they are only named, and text behind them is read", async () => {
  const { result, spoolFolder } = await read(`A: x\nCoreDump: base64\n !!!\n !!!\nVmCore: base64\nZ: y\n`, {
    binaries: "skip",
  });
  expect(accepted(result).skippedBinaries).toEqual(["CoreDump", "VmCore"]);
  expect([...accepted(result).report.fields.keys()]).toEqual(["A", "Z"]);
  expect(await readdir(spoolFolder)).toEqual([]);
});

test("a skipped binary field whose key comes again as text is that text", async () => {
  const { result } = await read("Screen: base64\n AAAA\nScreen: text\n", { binaries: "skip" });
  expect(accepted(result).skippedBinaries).toEqual([]);
  expect(accepted(result).report.fields.get("Screen")).toBe("text");
});

test.each(["spool", "skip"] as const)("a text in binary form is read as text (binaries: %s)", async (binaries) => {
  const traceback = "Traceback (most recent call last):\n\x1b[31mValueError: é\x1b[0m";
  const { result } = await read(`A: x\n${binaryEntry("Traceback", gzipSync(traceback))}`, { binaries });
  expect(accepted(result).report.fields.get("Traceback")).toBe(traceback);
  expect(accepted(result).skippedBinaries).toEqual([]);
});

test("bytes that are not UTF-8 are kept, and remarked on", async () => {
  const { result } = await read(Buffer.from("A: x\nProcCmdline: cat caf\xe9 \xc3\xa9\n", "latin1"));
  expect(accepted(result).report.fields.get("ProcCmdline")).toBe("cat caf\udce9 é");
  expect(accepted(result).remarks).toEqual([{ kind: "invalid-utf8", field: "ProcCmdline", line: 2 }]);
});

test("a stream is read as well as a file, whatever its pieces", async () => {
  const bytes = Buffer.from(`A: é\n${binaryEntry("CoreDump", gzipSync(core))}B: y`);
  const spoolFolder = await temporaryFolder();
  for (const sizeBytes of [1, 3, 1000, bytes.length]) {
    const source = Readable.from(piecesOf(bytes, sizeBytes));
    const { report } = accepted(await readReport(source, { spoolFolder, binaries: "spool" }));
    expect([...report.fields]).toEqual([
      ["A", "é"],
      ["B", "y"],
    ]);
    expect(await readFile(report.binaries.get("CoreDump")?.path ?? "")).toEqual(core);
  }
});

test("an aborted reading ends with the signal's reason and leaves nothing behind", async () => {
  const spoolFolder = await temporaryFolder();
  const abort = new AbortController();
  const endless = async function* () {
    yield Buffer.from(`A: x\n${binaryEntry("CoreDump", gzipSync(core).subarray(0, 50))}`);
    abort.abort(new Error("the batch is being stopped"));
    await new Promise(() => {});
  };
  const reading = readReport(Readable.from(endless()), { spoolFolder, binaries: "spool", signal: abort.signal });
  await expect(reading).rejects.toThrow("the batch is being stopped");
  expect(await readdir(spoolFolder)).toEqual([]);
});

test("what cannot be read is a fault, and a named pipe does not hold the reader up", async () => {
  const spoolFolder = await temporaryFolder();
  const pipe = join(spoolFolder, "pipe");
  await run(["/usr/bin/mkfifo", pipe], { deadlineMs: 10_000 });
  const failing = Readable.from(
    (async function* () {
      yield Buffer.from("A: x\n");
      throw new Error("the connection was reset");
    })(),
  );
  for (const source of [join(spoolFolder, "missing"), spoolFolder, pipe, failing]) {
    const result = await readReport(source, { spoolFolder, binaries: "spool" });
    expect(result).toMatchObject({ ok: false, fault: { kind: "unreadable" } });
  }
});

test("a spool folder that is missing is the caller's error, not the report's", async () => {
  const reading = read(binaryEntry("CoreDump", gzipSync(core)), { spoolFolder: "/nonexistent/spool" });
  await expect(reading).rejects.toThrow("ENOENT");
});

test("lines of all lengths come together again, wherever the file's chunks end", async () => {
  const core = randomFrom("lines of all lengths").bytes(3_000_000);
  const lengths = [1, 700_000, 3, 131_072, 200_000, 2, 90_000, 600_000, 65_536, 49_152, 24_576];
  const report = Buffer.concat([
    Buffer.from("ProblemType: Crash\n"),
    Buffer.from(binaryEntry("CoreDump", ...cutInto(gzipSync(core), lengths))),
    Buffer.from(binaryEntry("Other", ...cutInto(zstdCompressSync(core), [...lengths].reverse()))),
    Buffer.from(`Text:\n ${"a line\n ".repeat(100_000)}end\n`),
  ]);
  const { report: found } = accepted((await read(report)).result);
  for (const key of ["CoreDump", "Other"]) {
    const decodedBytes = await readFile(found.binaries.get(key)?.path ?? "");
    expect(decodedBytes.equals(core)).toBe(true);
  }
  expect(found.fields.get("Text")).toBe(`${"a line\n".repeat(100_000)}end`);
});

function cutInto(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += pieces.at(-1)?.length ?? 1)
    pieces.push(bytes.subarray(start, start + (lengths[pieces.length % lengths.length] ?? 1)));
  return pieces;
}
