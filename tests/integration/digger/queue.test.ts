import { expect, test } from "vitest";
import { buryCrash } from "../../../src/digger/by-hand.ts";
import { createBatchLab } from "./batch-lab.ts";

const clockAt = (time: string) => ({ now: () => new Date(time), monotonicMs: () => performance.now() });

test("a crash is in the queue from the first batch that sees it until its verdict", async () => {
  await using lab = await createBatchLab();
  for (const core of ["one", "two", "three"]) await lab.submit(core);
  await lab.run({ limit: 1 }, { clock: clockAt("2026-01-01T00:00:00.000Z") });
  expect(await lab.state.queue()).toEqual({ crashes: 2, oldestSince: "2026-01-01T00:00:00.000Z" });
  await lab.submit("four");
  await lab.run({ limit: 1 }, { clock: clockAt("2026-01-02T00:00:00.000Z") });
  expect(await lab.state.queue()).toEqual({ crashes: 2, oldestSince: "2026-01-01T00:00:00.000Z" });
  await lab.run({ limit: 1 });
  expect(await lab.state.queue()).toEqual({ crashes: 1, oldestSince: "2026-01-02T00:00:00.000Z" });
});

test("what people close leaves the queue, and a batch of duplicate checks alone takes nothing out", async () => {
  await using lab = await createBatchLab();
  const [first = 0] = [await lab.submit("one"), await lab.submit("two")];
  await lab.state.noteQueue([first, 2], true, new Date());
  await lab.run({ dupcheckOnly: true });
  expect(await lab.state.queue()).toMatchObject({ crashes: 2 });
  await lab.tracker.apply(first, { kind: "set-status", status: { kind: "invalid" } });
  await lab.run({ only: 99 });
  expect(await lab.state.queue()).toMatchObject({ crashes: 1 });
});

test("a crash that waits for another try is not in the queue until it is due", async () => {
  await using lab = await createBatchLab();
  await lab.submit("one");
  await lab.run({}, { retrace: async () => ({ kind: "retry", reason: "gdb ran out of memory" }) });
  await lab.run();
  expect(await lab.state.queue()).toMatchObject({ crashes: 0 });
});

test("a crash that a person gives up leaves the queue at once", async () => {
  await using lab = await createBatchLab();
  const crash = await lab.submit("one");
  await lab.state.noteQueue([crash], true, new Date());
  await buryCrash(crash, "nobody can trace it", lab.services, new AbortController().signal);
  expect(await lab.state.queue()).toMatchObject({ crashes: 0 });
});
