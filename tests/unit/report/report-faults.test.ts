import { readdir } from "node:fs/promises";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { binaryEntry, faultOf, read } from "./report-builder.ts";

const gzip = gzipSync("0123456789".repeat(1000));
const zstd = zstdCompressSync("0123456789".repeat(1000));

test.each([
  ["an empty file", "", { kind: "empty", field: null, line: 1 }],
  ["a first line that is indented", " x\nA: y\n", { kind: "bad-first-line", field: null, line: 1 }],
  ["a first line without a colon", "hello\n", { kind: "bad-first-line", field: null, line: 1 }],
  ["an empty first line", "\nA: x\n", { kind: "bad-first-line", field: null, line: 1 }],
  ["a byte order mark", "\ufeffA: x\n", { kind: "bad-first-line", field: null, line: 1 }],
  ["a file converted to CR LF", "A: x\r\nB:\r\n y\r\n", { kind: "bad-first-line", field: null, line: 1 }],
  ["a gzipped report", gzipSync("A: x\n"), { kind: "bad-first-line", field: null, line: 1 }],
  ["a line without a colon", "A: x\n y\nhello\n", { kind: "bad-line", field: "A", line: 3 }],
  ["an empty line", "A: x\n\nB: y\n", { kind: "bad-line", field: "A", line: 2 }],
  ["a key that is not ASCII", "A: x\nNäme: y\n", { kind: "bad-key", field: "N??me", line: 2 }],
  ["a key that is a path", "A: x\n../../etc/cron.d/x: y\n", { kind: "bad-key", field: "../../etc/cron.d/x", line: 2 }],
  ["a key that is a folder", "A: x\n..: y\n", { kind: "bad-key", field: "..", line: 2 }],
  ["an absolute path as key", "/etc/passwd: y\n", { kind: "bad-key", field: "/etc/passwd", line: 1 }],
  ["a key with a NUL", "A: x\nB\0C: y\n", { kind: "bad-key", field: "B?C", line: 2 }],
  ["a key with a blank", "A: x\nB C: y\n", { kind: "bad-key", field: "B C", line: 2 }],
  ["no key at all", "A: x\n: y\n", { kind: "bad-key", field: "", line: 2 }],
  ["a key of 300 letters", `${"k".repeat(300)}: y\n`, { kind: "bad-key", field: `${"k".repeat(64)}...`, line: 1 }],
  ["a NUL in a text", "A: x\nB: one\n t\0wo\n", { kind: "bad-text", field: "B", line: 3 }],
  ["text for a core", "A: x\nCoreDump: hello\n", { kind: "wrong-form", field: "CoreDump", line: 2 }],
  [
    "binary data for a path",
    `A: x\n${binaryEntry("ExecutablePath", gzipSync("a\0b"))}`,
    { kind: "wrong-form", field: "ExecutablePath", line: 2 },
  ],
  ["wrong base64", "A: x\nCoreDump: base64\n H4s!\n", { kind: "bad-base64", field: "CoreDump", line: 3 }],
  ["base64 of the URL alphabet", "CoreDump: base64\n H4s_\n", { kind: "bad-base64", field: "CoreDump", line: 2 }],
  ["base64 that is cut", "CoreDump: base64\n H4sIA\n", { kind: "bad-base64", field: "CoreDump", line: 2 }],
  ["base64 with blanks", "CoreDump: base64\n H4sI \n", { kind: "bad-base64", field: "CoreDump", line: 2 }],
  ["a tab before base64", "CoreDump: base64\n\tH4sI\n", { kind: "truncated", field: "CoreDump", line: 1 }],
  ["a binary field without data", "CoreDump: base64\nB: x\n", { kind: "truncated", field: "CoreDump", line: 1 }],
  [
    "three bytes of data",
    binaryEntry("CoreDump", gzip.subarray(0, 3)),
    { kind: "truncated", field: "CoreDump", line: 2 },
  ],
  ["data that is not compressed", binaryEntry("CoreDump", Buffer.from("hello")), { kind: "bad-compression", line: 2 }],
  ["gzip that ends early", binaryEntry("CoreDump", gzip.subarray(0, -1)), { kind: "truncated", field: "CoreDump" }],
  ["zstd that ends early", binaryEntry("CoreDump", zstd.subarray(0, -1)), { kind: "truncated", field: "CoreDump" }],
  ["a damaged checksum", binaryEntry("CoreDump", flipped(gzip, -6)), { kind: "bad-compression", field: "CoreDump" }],
  ["damaged zstd", binaryEntry("CoreDump", flipped(zstd, -6)), { kind: "bad-compression", field: "CoreDump" }],
])("%s is a fault with its place", async (_, contents, fault) => {
  expect(await faultOf(contents)).toMatchObject(fault);
});

test.each([
  ["gzip", gzip],
  ["zstd", zstd],
  ["bare zlib", deflateSync("0123456789")],
])("bytes behind the end of %s are a fault, on the same line or the next, zeros too", async (_, stream) => {
  // A single byte may be the beginning of another member, which then lacks its end.
  const kinds = expect.stringMatching(/^(bad-compression|truncated)$/);
  for (const garbage of [Buffer.from("x"), Buffer.from("more than a few bytes"), Buffer.alloc(1), Buffer.alloc(600)]) {
    const next = binaryEntry("CoreDump", stream, garbage);
    expect(await faultOf(next)).toMatchObject({ kind: kinds, field: "CoreDump", line: 3 });
    const same = binaryEntry("CoreDump", Buffer.concat([stream, garbage]));
    expect(await faultOf(same)).toMatchObject({ kind: kinds, field: "CoreDump", line: 2 });
  }
});

test("bare zlib is a single stream", async () => {
  const twice = Buffer.concat([deflateSync("one"), deflateSync("two")]);
  expect(await faultOf(binaryEntry("CoreDump", twice))).toMatchObject({ kind: "bad-compression", field: "CoreDump" });
});

test("a bad report leaves no file behind, not even of its good binary fields", async () => {
  const good = binaryEntry("First", gzip);
  for (const bad of ["hello\n", binaryEntry("CoreDump", gzip.subarray(0, 20)), "CoreDump: x\n", "B: \0\n"]) {
    const { result, spoolFolder } = await read(good + bad);
    expect(result.ok).toBe(false);
    expect(await readdir(spoolFolder)).toEqual([]);
  }
});

test("limits hold to the byte", async () => {
  const limits = { fields: 3, fieldBytes: 10, textBytes: 15, lineBytes: 20 };
  expect((await read("A: 0123456789\nB: 01234\nC:\n", { limits })).result.ok).toBe(true);
  expect((await read("A:\n 01234\n 6789\n", { limits })).result.ok).toBe(true);
  expect(await faultOf("A:\n 01234\n 67890\n", { limits })).toMatchObject({ kind: "too-large", field: "A", line: 3 });
  expect(await faultOf("A: 0123456789\nB: 012345\n", { limits })).toMatchObject({ kind: "too-large", field: "B" });
  expect(await faultOf("A: \nB: \nA: \nA: \n", { limits })).toMatchObject({ kind: "too-many-fields", line: 4 });
  expect((await read(`A: x\nB:${" ".repeat(18)}`, { limits })).result.ok).toBe(true);
  expect(await faultOf(`A: x\nB:${" ".repeat(19)}`, { limits })).toMatchObject({
    kind: "too-large",
    field: "A",
    line: 2,
  });
  expect(await faultOf("A: x\n", { limits: { inputBytes: 4 } })).toMatchObject({ kind: "too-large" });
});

test("decoded data is limited for all binary fields together", async () => {
  const report = binaryEntry("A", gzipSync("12345")) + binaryEntry("B", gzipSync("67890"));
  expect((await read(report, { limits: { binaryBytes: 10 } })).result.ok).toBe(true);
  expect(await faultOf(report, { limits: { binaryBytes: 9 } })).toMatchObject({ kind: "too-large", field: "B" });
});

test("data that expands like a bomb is refused, zeros as in a core are not", async () => {
  const limits = { bombFloorBytes: 1024 ** 2, bombRatio: 100 };
  const bomb = binaryEntry("CoreDump", zstdCompressSync(Buffer.alloc(4 * 1024 ** 2, "x")));
  expect(await faultOf(bomb, { limits })).toMatchObject({ kind: "too-large", field: "CoreDump" });
  const zeros = binaryEntry("CoreDump", zstdCompressSync(Buffer.alloc(4 * 1024 ** 2)));
  expect((await read(zeros, { limits })).result.ok).toBe(true);
});

test("a text in binary form has the limits of a text", async () => {
  const report = binaryEntry("Traceback", gzipSync("x".repeat(1000)));
  expect(await faultOf(report, { limits: { fieldBytes: 999 } })).toMatchObject({
    kind: "too-large",
    field: "Traceback",
  });
  expect((await read(report, { limits: { fieldBytes: 1000 } })).result.ok).toBe(true);
});

function flipped(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = (index + copy.length) % copy.length;
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}
