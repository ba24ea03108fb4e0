import { expect, test } from "vitest";
import { createBatchLab } from "./batch-lab.ts";

const mebibyte = 2 ** 20;

test("a batch whose process has grown too large finishes what is under way, and the next one goes on", async () => {
  await using lab = await createBatchLab();
  for (const core of ["one", "two", "three", "four", "five"]) await lab.submit(core);
  // It grows with each crash, as a leak would have it.
  const memory = {
    residentBytes: () => 100 * mebibyte * lab.retraced.length,
    peakBytes: () => 321 * mebibyte,
    maxBytes: 150 * mebibyte,
  };
  const first = await lab.run({ jobs: 1 }, { memory });
  expect(first.attempts.map(({ crashId }) => crashId)).toEqual([1, 2]);
  expect(first.endedEarly).toContain("max_memory_bytes");
  expect(await lab.state.lastBatches(1)).toMatchObject([{ endedAs: "memory", peakBytes: 321 * mebibyte }]);
  expect(await lab.state.queue()).toMatchObject({ crashes: 3 });
  const second = await lab.run({ jobs: 2 });
  expect(second.attempts.map(({ crashId }) => crashId)).toEqual([3, 4, 5]);
  expect(second.endedEarly).toBeNull();
  expect(await lab.state.queue()).toEqual({ crashes: 0, oldestSince: null });
});

test("with a ceiling below what the program itself needs each batch still does a crash", async () => {
  await using lab = await createBatchLab();
  for (const core of ["one", "two", "three"]) await lab.submit(core);
  const memory = { residentBytes: () => 2, peakBytes: () => null, maxBytes: 1 };
  for (const crash of [1, 2, 3]) {
    const { attempts } = await lab.run({ jobs: 2 }, { memory });
    expect(attempts.map(({ crashId }) => crashId)).toEqual([crash]);
  }
  expect((await lab.run({}, { memory })).attempts).toEqual([]);
  // The last one was the last of the work list: nothing was left for another batch.
  expect((await lab.state.lastBatches(4)).map(({ endedAs }) => endedAs)).toEqual(["done", "done", "memory", "memory"]);
});

test("the largest gdb of a batch is recorded, and a batch that gets nothing done has none", async () => {
  await using lab = await createBatchLab();
  for (const core of ["one", "two"]) await lab.submit(core);
  const peaks = [70, 60].map((mebibytes) => mebibytes * mebibyte);
  const retrace: typeof lab.services.retrace = async (...crash) => {
    const result = await lab.services.retrace(...crash);
    if (result.kind !== "traced") return result;
    return { ...result, manifest: { ...result.manifest, gdbPeakBytes: peaks.shift() ?? null } };
  };
  await lab.run({ jobs: 1 }, { retrace });
  await lab.run();
  expect(await lab.state.lastBatches(2)).toMatchObject([{ gdbPeakBytes: null }, { gdbPeakBytes: 70 * mebibyte }]);
});
