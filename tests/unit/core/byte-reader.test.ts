import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openByteReader, windowed } from "../../../src/core/byte-reader.ts";
import { bufferReader } from "../../lab/buffer-reader.ts";

const folder = mkdtempSync(join(tmpdir(), "byte-reader-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("reads beyond the end give what there is", () => {
  const path = join(folder, "ten");
  writeFileSync(path, "0123456789");
  const reader = openByteReader(path);
  expect(reader.sizeBytes).toBe(10);
  expect([reader.read(8, 100), reader.read(10, 1), reader.read(2 ** 63, 1), reader.read(-1, 5)].map(String)).toEqual([
    "89",
    "",
    "",
    "",
  ]);
  truncateSync(path, 5);
  expect(String(reader.read(3, 5))).toBe("34");
  reader.close();
});

test("a named pipe is refused at once, and does not wait for a writer", () => {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  expect(() => openByteReader(path)).toThrow("not a regular file");
});

test("a window serves neighbouring reads from one piece and gives the same bytes", () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
  let reads = 0;
  const whole = bufferReader(bytes);
  const read = (at: number, length: number): Buffer => {
    reads++;
    return whole.read(at, length);
  };
  const reader = windowed({ sizeBytes: bytes.length, read }, 100);
  for (const [at, length] of [
    [0, 10],
    [10, 90],
    [95, 10],
    [100, 20],
    [990, 50],
    [3, 300],
  ] as const) {
    expect(reader.read(at, length)).toEqual(bytes.subarray(at, at + length));
  }
  expect(reads).toBe(4);
});
