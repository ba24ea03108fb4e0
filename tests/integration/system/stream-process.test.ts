import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { type StreamOptions, streamFrom } from "../../../src/system/stream-process.ts";

function shell(script: string, options: Partial<StreamOptions> = {}) {
  return streamFrom(["sh", "-c", script], { deadlineMs: 30_000, maxBytes: 1024 ** 3, ...options });
}

async function lengthOf(stream: AsyncIterable<Buffer>): Promise<number> {
  let length = 0;
  for await (const piece of stream) length += piece.length;
  return length;
}

test("all of the output passes, and the end tells how it went", async () => {
  const { stdout, ended } = shell("head -c 3000000 /dev/zero; echo complaint >&2; exit 3");
  expect(await lengthOf(stdout)).toBe(3_000_000);
  expect(await ended).toMatchObject({ exitCode: 3, stderr: "complaint\n", stoppedBy: null });
});

test("a reader that waits makes the process wait", async () => {
  const { stdout, ended, stop } = shell("head -c 100000000 /dev/zero");
  let settled = false;
  void ended.then(() => {
    settled = true;
  });
  const iterator = stdout[Symbol.asyncIterator]();
  await iterator.next();
  for (let turn = 0; turn < 1000; turn += 1) await nextTurn();
  expect(settled).toBe(false);
  expect(stdout.readableLength).toBeLessThan(1024 * 1024);
  stop();
  expect(await ended).toMatchObject({ stoppedBy: "abort" });
});

test("a process that prints more than allowed is stopped, and no more than that passes", async () => {
  const { stdout, ended } = shell("cat /dev/zero", { maxBytes: 100_000 });
  expect(await lengthOf(stdout)).toBe(100_000);
  expect(await ended).toMatchObject({ exitCode: null, stoppedBy: "output" });
});

test("the deadline and an abort stop the whole group", async () => {
  const late = shell("sleep 600 & sleep 600", { deadlineMs: 100 });
  expect(await lengthOf(late.stdout)).toBe(0);
  expect(await late.ended).toMatchObject({ stoppedBy: "deadline" });
  const controller = new AbortController();
  const aborted = shell("sleep 600 & sleep 600", { signal: controller.signal });
  controller.abort();
  expect(await lengthOf(aborted.stdout)).toBe(0);
  expect(await aborted.ended).toMatchObject({ stoppedBy: "abort" });
});

test("a program that is not there is told by the end, and the stream is empty", async () => {
  const { stdout, ended } = streamFrom(["/nonexistent/program"], { deadlineMs: 1000, maxBytes: 1 });
  expect(await lengthOf(stdout)).toBe(0);
  expect((await ended).startError).toContain("ENOENT");
});
