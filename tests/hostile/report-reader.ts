import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { readReport } from "../../src/report/read-report.ts";

// Reads one hostile report, made piece by piece so that only the reader can need memory, and prints
// the outcome and the highest memory use: run as a process of its own.

const mebibyte = 1024 ** 2;

function* repeat(piece: Buffer, times: number): Generator<Buffer> {
  for (let count = 0; count < times; count += 1) yield piece;
}

function* core(...compressed: Buffer[]): Generator<Buffer> {
  yield Buffer.from("ProblemType: Crash\nCoreDump: base64\n");
  for (const bytes of compressed) yield Buffer.from(` ${bytes.toString("base64")}\n`);
}

function* oneField(lines: string, times: number): Generator<Buffer> {
  yield Buffer.from("ProblemType: Crash\nStacktrace:\n");
  yield* repeat(Buffer.from(lines), times);
}

function* fields(count: number, valueBytes: number): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) yield Buffer.from(`Key${index}: ${"x".repeat(valueBytes)}\n`);
}

function* endlessBase64(): Generator<Buffer> {
  yield* core(gzipSync(crypto.getRandomValues(Buffer.alloc(60_000)), { level: 0 }).subarray(0, -12));
  yield* repeat(Buffer.from(" \n".repeat(30_000)), 400);
}

const zeros = gzipSync(Buffer.alloc(64 * mebibyte));
const stored = gzipSync(crypto.getRandomValues(Buffer.alloc(60_000)), { level: 0 });

const reports: Record<string, () => Iterable<Buffer>> = {
  "one line without an end": () => repeat(Buffer.alloc(mebibyte, "x"), 2000),
  "one line in tiny pieces": () => repeat(Buffer.from("x".repeat(15)), 300_000),
  "a million fields": () => fields(1_000_000, 1),
  "four thousand fields of 30 kB": () => fields(4000, 30_000),
  "a text of tiny lines": () => oneField(" \n".repeat(10_000), 2000),
  "a text of odd bytes": () =>
    repeat(Buffer.from(`A:\n ${`${"\xff".repeat(2 * mebibyte)}\n `.repeat(7)}\n`, "latin1"), 1),
  "a base64 field of empty lines": endlessBase64,
  "two gigabytes of zeros": () => core(...repeat(zeros, 32)),
  "a bomb of zstd": () => core(...repeat(zstdCompressSync(Buffer.alloc(16 * mebibyte, "bomb")), 32)),
  "a core of 200 MB that does not compress": () => core(...repeat(stored, 3500)),
  "a million empty zstd frames": () => core(...repeat(Buffer.concat(Array(1000).fill(zstdCompressSync(""))), 1000)),
};

// Node's Readable.from gathers garbage without end when its source never waits.
async function* unhurried(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  let count = 0;
  for (const piece of pieces) {
    count += 1;
    if (count % 500 === 0) await setImmediate();
    yield piece;
  }
}

const [name = ""] = process.argv.slice(2);
const spoolFolder = await mkdtemp(join(tmpdir(), "crash-digger-hostile-"));
try {
  const bytes = Readable.from(unhurried(reports[name]?.() ?? []), { highWaterMark: 1 });
  const result = await readReport(bytes, { spoolFolder, binaries: "spool", limits: { bombFloorBytes: 64 * mebibyte } });
  const outcome = result.ok ? "read" : result.fault.kind;
  process.stdout.write(JSON.stringify({ outcome, peakBytes: process.resourceUsage().maxRSS * 1024 }));
} finally {
  await rm(spoolFolder, { recursive: true });
}
