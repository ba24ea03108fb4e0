import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { spoolCore } from "../../../src/retrace/spool-core.ts";

const unlimited = Number.MAX_SAFE_INTEGER;
const never = new AbortController().signal;

test("a core's pages of zeros take no space on disk, and the file is as long as the core", async () => {
  const path = await newPath();
  const memory = Buffer.concat([Buffer.alloc(70_000, "heap"), Buffer.alloc(8 * 1024 ** 2), Buffer.from("end")]);
  const core = Buffer.concat([memory, Buffer.alloc(1024 ** 2)]);
  expect(await spoolCore(unpacked(gzipSync(core)), path, unlimited, never)).toEqual({ kind: "spooled" });
  expect((await readFile(path)).equals(core)).toBe(true);
  expect((await stat(path)).blocks * 512).toBeLessThan(core.length / 4);
});

test("a core is damaged when it is longer than allowed, or cannot be decompressed", async () => {
  const core = Buffer.alloc(1000, "core");
  expect(await spoolCore(Readable.from([core]), await newPath(), 1000, never)).toEqual({ kind: "spooled" });
  const tooLong = await spoolCore(Readable.from([core]), await newPath(), 999, never);
  expect(tooLong).toMatchObject({ kind: "damaged", reason: expect.stringContaining("batch.max_core_bytes") });
  const path = await newPath();
  const cutOff = await spoolCore(unpacked(gzipSync(core).subarray(0, -4)), path, unlimited, never);
  expect(cutOff).toMatchObject({ kind: "damaged", reason: expect.stringContaining("cannot be decompressed") });
});

test("a file that cannot be written is the service's failure", async () => {
  const path = join(await newPath(), "core");
  await expect(spoolCore(Readable.from([Buffer.from("core")]), path, unlimited, never)).rejects.toMatchObject({
    name: "ServiceFailure",
    message: expect.stringContaining(path),
  });
});

test("a tracker that says nothing more does not hold up a batch that is told to stop", async () => {
  const controller = new AbortController();
  const stalled = Readable.from(beginningThen(() => controller.abort(new Error("stopped by SIGTERM"))));
  const spooled = spoolCore(stalled, await newPath(), unlimited, controller.signal);
  await expect(spooled).rejects.toThrow("stopped by SIGTERM");
  expect(stalled.destroyed).toBe(true);
});

async function* beginningThen(stop: () => void): AsyncGenerator<Buffer> {
  yield Buffer.from("the beginning of a core");
  setImmediate(stop);
  await new Promise(() => {});
}

// It is being decompressed from now on, and may fail before anything is awaited by whoever asked for it.
function unpacked(bytes: Buffer): Readable {
  const gunzip = createGunzip();
  gunzip.end(bytes);
  return gunzip;
}

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "crash-digger-spool-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "core");
}
