import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { expect, test } from "vitest";
import { run } from "../../../src/system/process.ts";

const mebibyte = 1024 ** 2;
const coreBytes = 200 * mebibyte;

test("a core of 200 MB passes in and out in constant memory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "memory-test-"));
  try {
    const report = join(folder, "big.crash");
    await writeBigReport(report);
    const child = resolve(import.meta.dirname, "../../lab/tracker/pass-core.ts");
    const result = await run([process.execPath, "--disable-warning=ExperimentalWarning", child, folder, report], {
      deadlineMs: 110_000,
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const told = JSON.parse(result.stdout.toString()) as { coreBytes: number; peakMebibytes: number };
    expect(told.coreBytes).toBe(coreBytes);
    // Node itself takes some 80 MiB; the core held once would be 200 more.
    expect(told.peakMebibytes).toBeLessThan(200);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Writes a report whose core is compressible and not all zeros, itself in constant memory. */
async function writeBigReport(path: string): Promise<void> {
  const block = Buffer.concat([Buffer.alloc(mebibyte / 2, "heap "), Buffer.alloc(mebibyte / 2)]);
  const blocks = Readable.from(Array.from({ length: coreBytes / mebibyte }, () => block));
  const file = createWriteStream(path);
  file.write("ProblemType: Crash\nArchitecture: amd64\nExecutablePath: /usr/bin/big\nCoreDump: base64\n");
  await pipeline(blocks, createGzip({ level: 1 }), base64Lines, file);
}

async function* base64Lines(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const piece of pieces) yield ` ${piece.toString("base64")}\n`;
}
