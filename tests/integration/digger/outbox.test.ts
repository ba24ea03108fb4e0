import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { carryOut } from "../../../src/digger/outbox.ts";
import { openState } from "../../../src/digger/state.ts";
import { ServiceFailure, TransientFailure } from "../../../src/system/failure.ts";
import type { Tracker } from "../../../src/tracker/types.ts";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";

/** The lab's tracker, which refuses one kind of edit on crash 1. */
function refusing(lab: BatchLab): Tracker {
  const apply: Tracker["apply"] = async (id, edit) => {
    if (id === 1 && edit.kind === "set-importance") throw new ServiceFailure("400: bad importance");
    return lab.tracker.apply(id, edit);
  };
  return { ...lab.tracker, apply };
}

test("an edit that keeps failing stops three batches, each time by name, and then only its own crash", async () => {
  await using lab = await createBatchLab();
  await lab.submit("one\nouter");
  await lab.submit("two\nouter");
  for (const count of [1, 2, 3]) {
    const failure = await lab.run({}, { tracker: refusing(lab) }).catch((error: unknown) => error);
    expect(String(failure)).toMatch(
      new RegExp(`edit \\d+ of crash 1 failed, ${count} of 3 times: 400: bad importance`),
    );
  }
  const { attempts } = await lab.run({}, { tracker: refusing(lab) });
  expect(attempts).toMatchObject([{ crashId: 2, verdict: { kind: "new" } }]);
  expect(await lab.tracker.pending("amd64")).toEqual([1]);
  expect(await lab.state.failingEdits()).toMatchObject([
    { crash: 1, kind: "set-importance", failures: 3, stuck: true, reason: "400: bad importance" },
  ]);
});

test("let loose again, the stuck plan is carried out to its end", async () => {
  await using lab = await createBatchLab();
  await lab.submit("one\nouter");
  for (let count = 0; count < 3; count++) await lab.run({}, { tracker: refusing(lab) }).catch(() => {});
  await lab.state.unstick(1);
  expect((await lab.run()).attempts).toEqual([]);
  expect(await lab.tracker.pending("amd64")).toEqual([]);
  expect(await lab.state.countOpenEntries()).toBe(0);
});

test("an edit that cannot be read back is a failing edit like any other", async () => {
  await using lab = await createBatchLab();
  await lab.submit("one\nouter");
  await lab.run({}, { tracker: refusing(lab) }).catch(() => {});
  const database = new DatabaseSync(lab.statePath);
  database.exec(`UPDATE outbox SET edit = '{"kind":"paint"}' WHERE done_at IS NULL AND failures = 1`);
  database.close();
  await expect(lab.run()).rejects.toThrow(/edit \d+ of crash 1 failed, 2 of 3 times/);
});

test("a tracker is told which edits are certainly new, and which may have been carried out before", async () => {
  await using lab = await createBatchLab();
  await lab.submit("one\nouter");
  const told: [edit: string, maybeDone: boolean | undefined][] = [];
  const atFirst = new Set(["set-importance", "remove-pending"]);
  const apply: Tracker["apply"] = async (id, edit, memory) => {
    told.push([edit.kind, memory?.maybeDone]);
    const isFirst = atFirst.delete(edit.kind);
    if (isFirst && edit.kind === "set-importance") throw new TransientFailure("the answer was lost");
    if (isFirst && edit.kind === "remove-pending") throw new Error("killed here");
    return await lab.tracker.apply(id, edit);
  };
  await expect(lab.run({}, { tracker: { ...lab.tracker, apply } })).rejects.toThrow("killed here");
  expect(told.slice(0, 1)).toEqual([["attach", false]]);
  const importance = told.filter(([edit]) => edit === "set-importance");
  expect(importance.map(([, maybeDone]) => maybeDone)).toEqual([false, true]);

  const nextProcess = await openState(lab.statePath);
  told.length = 0;
  await lab.run({}, { tracker: { ...lab.tracker, apply }, state: nextProcess });
  await nextProcess.close();
  expect(told).toEqual([["remove-pending", true]]);
});

test("an edit that was cut short because the batch was told to stop has not failed, however often that happens", async () => {
  await using lab = await createBatchLab();
  await lab.submit("one\nouter");
  const controller = new AbortController();
  const apply: Tracker["apply"] = async () => {
    controller.abort(new Error("stopped by SIGTERM"));
    throw controller.signal.reason;
  };
  const tracker = { ...lab.tracker, apply };
  await lab.run({}, { tracker: refusing(lab) }).catch(() => {});
  const before = await lab.state.failingEdits();
  await expect(carryOut({ ...lab.services, tracker }, controller.signal)).rejects.toThrow("stopped by SIGTERM");
  expect(await lab.state.failingEdits()).toEqual(before);
});
