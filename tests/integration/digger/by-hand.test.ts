import { expect, test } from "vitest";
import { buryCrash, retryCrash } from "../../../src/digger/by-hand.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";
import { atMinute } from "./lab-clock.ts";

const outOfMemory = async () => ({ kind: "retry", reason: "gdb ran out of memory" }) as const;
const crashed = async () => ({ kind: "report", reason: "gdb crashed" }) as const;

function retry(lab: BatchLab, id: number) {
  return retryCrash(id, lab, "amd64");
}

function bury(lab: BatchLab, id: number) {
  return buryCrash(id, "nobody can trace it", lab.services, new AbortController().signal);
}

test("retry: a dead letter has its mark again, and all its tries", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await lab.run({}, { retrace: crashed });
  expect(await retry(lab, 1)).toEqual({ kind: "done", tags: ["need-amd64-retrace"] });
  expect(await lab.tracker.pending("amd64")).toEqual([1]);
  expect((await lab.run()).attempts).toMatchObject([{ crashId: 1, verdict: { kind: "new" } }]);
  expect((await lab.tracker.show(1))?.header.tags).toEqual([]);
});

test("retry: a crash that waits for its next try does not wait any longer", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await lab.run({}, { retrace: outOfMemory, clock: atMinute(0) });
  await retry(lab, 1);
  expect((await lab.run({}, { clock: atMinute(0) })).attempts).toHaveLength(1);
});

test("retry: edits that were left alone are tried again", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const apply = () => Promise.reject(new ServiceFailure("400"));
  for (let count = 0; count < 3; count++) await lab.run({}, { tracker: { ...lab.tracker, apply } }).catch(() => {});
  await lab.run();
  expect(await lab.state.countOpenEntries()).toBeGreaterThan(0);
  await retry(lab, 1);
  await lab.run();
  expect(await lab.state.countOpenEntries()).toBe(0);
});

test("retry: without its core, closed, or not there, a crash cannot be tried again, and is told why", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.submit("inner\nouter\nmain");
  await lab.submit("damaged");
  await lab.run();
  expect(await retry(lab, 1)).toMatchObject({ kind: "refused", reason: expect.stringContaining("no core any more") });
  expect(await retry(lab, 2)).toMatchObject({ kind: "refused", reason: "it is a duplicate of 1" });
  expect(await retry(lab, 3)).toMatchObject({ kind: "refused", reason: expect.stringContaining("invalid") });
  expect(await retry(lab, 4)).toEqual({ kind: "absent" });
  expect(await lab.tracker.pending("amd64")).toEqual([]);
});

test("retry: a Python crash, which never had a core, is compared again", async () => {
  await using lab = await createBatchLab();
  const Traceback = 'Traceback:\n  File "/usr/bin/tool", line 2, in main\n    boom()\nNameError: boom';
  await lab.submit(null, { Traceback, Signal: undefined, SignalName: undefined });
  await lab.run();
  expect(await retry(lab, 1)).toEqual({ kind: "done", tags: ["need-duplicate-check"] });
  expect((await lab.run()).attempts).toMatchObject([{ crashId: 1, verdict: { kind: "new" } }]);
});

test("bury: a pending crash leaves the work list, with the reason on the tracker, once", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  expect(await bury(lab, 1)).toMatchObject({ kind: "done" });
  expect(await bury(lab, 1)).toEqual({ kind: "refused", reason: "it is buried already" });
  expect((await lab.run()).attempts).toEqual([]);
  const crash = await lab.tracker.show(1);
  expect(crash?.header).toMatchObject({ hasCore: true, tags: ["apport-failed-retrace"] });
  expect(crash?.comments).toMatchObject([{ body: "This crash will not be retraced: nobody can trace it." }]);
  expect(await lab.state.asideOf(1)).toMatchObject({ kind: "buried", reason: "nobody can trace it" });
});

test("bury: what a crash waits for is over, and retry brings it back", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await lab.run({}, { retrace: outOfMemory });
  await bury(lab, 1);
  await retry(lab, 1);
  expect((await lab.run()).attempts).toMatchObject([{ crashId: 1, verdict: { kind: "new" } }]);
});

test("bury: edits that the tracker refuses are given up with the crash", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const apply: typeof lab.tracker.apply = (id, edit) =>
    edit.kind === "attach" ? Promise.reject(new ServiceFailure("400")) : lab.tracker.apply(id, edit);
  for (let count = 0; count < 3; count++) await lab.run({}, { tracker: { ...lab.tracker, apply } }).catch(() => {});
  await bury(lab, 1);
  expect(await lab.state.countOpenEntries()).toBe(0);
  expect(await lab.tracker.pending("amd64")).toEqual([]);
  expect(await lab.state.failingEdits()).toEqual([]);
});

test("bury: a crash that waits for nothing is refused", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await lab.run();
  expect(await bury(lab, 1)).toEqual({ kind: "refused", reason: "it does not wait for anything" });
  expect(await bury(lab, 2)).toEqual({ kind: "absent" });
});
