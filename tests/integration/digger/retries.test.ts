import { expect, test } from "vitest";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";
import { atMinute } from "./lab-clock.ts";

const outOfMemory = async () => ({ kind: "retry", reason: "gdb ran out of memory" }) as const;

/** One batch at that time, in which every retrace ends in `retry`; gives what it tried. */
async function runAt(lab: BatchLab, minute: number, retrace = outOfMemory): Promise<readonly [number, string][]> {
  const { attempts } = await lab.run({}, { clock: atMinute(minute), retrace });
  return attempts.map(({ crashId, verdict }) => [crashId, verdict.kind]);
}

test("a crash that is worth another try waits, twice as long each time, and keeps its mark", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  expect(await runAt(lab, 0)).toEqual([[1, "postponed"]]);
  expect(await lab.tracker.pending("amd64")).toEqual([1]);
  expect(await runAt(lab, 0.9)).toEqual([]);
  expect(await runAt(lab, 1.1)).toEqual([[1, "postponed"]]);
  expect(await runAt(lab, 3)).toEqual([]);
  expect(await lab.state.asideOf(1)).toMatchObject({ kind: "retry", tries: 2, reason: "gdb ran out of memory" });
});

test("after the last try it is a dead letter, told on the tracker with its reason, and its core is kept", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  for (const minute of [0, 10, 20]) await runAt(lab, minute);
  const crash = await lab.tracker.show(1);
  expect(crash?.header).toMatchObject({ hasCore: true, tags: ["apport-failed-retrace"], status: { kind: "open" } });
  expect(crash?.comments).toHaveLength(1);
  expect(crash?.comments[0]?.body).toContain("tried 3 times, the last time: gdb ran out of memory");
  expect(await lab.state.asideOf(1)).toMatchObject({ kind: "dead" });
  expect(await runAt(lab, 100_000)).toEqual([]);
});

test("a core that gdb cannot cope with is a dead letter at once", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await lab.run({}, { retrace: async () => ({ kind: "report", reason: "gdb crashed" }) });
  expect(await lab.state.asideOf(1)).toMatchObject({ kind: "dead", reason: "gdb crashed" });
});

test("a try that succeeds ends the waiting", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await runAt(lab, 0);
  const { attempts } = await lab.run({}, { clock: atMinute(5) });
  expect(attempts).toMatchObject([{ crashId: 1, verdict: { kind: "new" } }]);
  expect(await lab.state.allAside()).toEqual([]);
});

test("--only tries a waiting crash at once", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await runAt(lab, 0);
  expect((await lab.run({ only: 1 }, { clock: atMinute(0) })).attempts).toHaveLength(1);
});

test("a mark that a person puts back makes a dead letter pending, with all its tries", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  for (const minute of [0, 10, 20]) await runAt(lab, minute);
  await lab.tracker.apply(1, { kind: "add-tags", tags: ["need-amd64-retrace"] });
  expect(await runAt(lab, 30)).toEqual([[1, "postponed"]]);
  expect(await lab.state.asideOf(1)).toMatchObject({ kind: "retry", tries: 1 });
});

test("a crash that people took off the work list, or closed, is not kept as waiting or dead", async () => {
  await using lab = await createBatchLab();
  for (const name of ["one", "two", "three"]) await lab.submit(`${name}\nouter`);
  await runAt(lab, 0);
  await lab.tracker.apply(1, { kind: "remove-tags", tags: ["need-amd64-retrace"] });
  await lab.tracker.apply(2, { kind: "set-status", status: { kind: "invalid" } });
  await runAt(lab, 0.1);
  expect((await lab.state.allAside()).map(({ crash }) => crash)).toEqual([3]);
  for (const minute of [10, 20]) await runAt(lab, minute);
  expect(await lab.state.asideOf(3)).toMatchObject({ kind: "dead" });
  await lab.tracker.apply(3, { kind: "set-status", status: { kind: "fixed", version: "2" } });
  await runAt(lab, 30);
  expect(await lab.state.allAside()).toEqual([]);
});

test("without its state the batch tries what the tracker shows as pending", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await runAt(lab, 0);
  await using other = await createBatchLab();
  const { attempts } = await lab.run({}, { state: other.state, clock: atMinute(0) });
  expect(attempts).toMatchObject([{ crashId: 1, verdict: { kind: "new" } }]);
});

test("a next try that a wrong clock has put off for years is made as soon as the clock is right", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await runAt(lab, 5 * 525_600);
  expect(await runAt(lab, 0)).toEqual([[1, "postponed"]]);
  expect(await runAt(lab, 0.9)).toEqual([]);
});
