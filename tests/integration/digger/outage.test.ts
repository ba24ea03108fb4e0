import { expect, test } from "vitest";
import { ServiceFailure, TransientFailure } from "../../../src/system/failure.ts";
import type { Tracker } from "../../../src/tracker/types.ts";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";
import { atMinute } from "./lab-clock.ts";

/** The lab's tracker, whose next calls of one method fail. */
function awayFor(lab: BatchLab, method: "header" | "apply" | "pending", times: number): Tracker {
  let left = times;
  const guarded = <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) => {
    return (...args: Args): Promise<T> => (left-- > 0 ? Promise.reject(new TransientFailure("503")) : call(...args));
  };
  const { header, apply, pending } = lab.tracker;
  const replaced = { header: guarded(header), apply: guarded(apply), pending: guarded(pending) };
  return { ...lab.tracker, [method]: replaced[method] };
}

test.each(["header", "apply", "pending"] as const)("a short absence is waited out (%s)", async (method) => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  const summary = await lab.run({}, { tracker: awayFor(lab, method, 2), pause });
  expect(summary).toMatchObject({ endedEarly: null, attempts: [{ verdict: { kind: "new" } }] });
  expect(pauses).toEqual([10, 20]);
});

test("a batch is patient only for so long in all", async () => {
  await using lab = await createBatchLab();
  for (const name of ["a", "b", "c", "d"]) await lab.submit(`${name}\nouter`);
  let calls = 0;
  const header: Tracker["header"] = async (id) => {
    if (calls++ % 2 === 0) throw new TransientFailure("503");
    return lab.tracker.header(id);
  };
  const policy = { ...lab.services.policy, trackerPatienceMs: 25 };
  const summary = await lab.run({ jobs: 1 }, { tracker: { ...lab.tracker, header }, policy });
  expect(summary.endedEarly).toBe("503");
  expect(summary.attempts).toHaveLength(2);
});

test("a long absence ends batches well until it has lasted too long, and is then a failure", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const runAt = (minute: number) => lab.run({}, { tracker: awayFor(lab, "header", 99), clock: atMinute(minute) });
  expect((await runAt(0)).endedEarly).toBe("503");
  expect((await runAt(59)).endedEarly).toBe("503");
  const failure = await runAt(61).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(String(failure)).toContain("the tracker has been away since 2026-01-01T00:00:00.000Z: 503");
  // Whoever unlocks has seen it: the time is counted anew.
  expect((await runAt(62)).endedEarly).toBe("503");
});

test("a batch that got something done in between ends the absence", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const away = () => awayFor(lab, "header", 99);
  await lab.run({}, { tracker: away(), clock: atMinute(0) });
  await lab.run({}, { clock: atMinute(30) });
  await lab.submit("other\nouter");
  expect((await lab.run({}, { tracker: away(), clock: atMinute(70) })).endedEarly).toBe("503");
  expect(await lab.state.outageSince("tracker")).toBe("2026-01-01T01:10:00.000Z");
});

test("so does a batch that got something done and then failed for another reason", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  await lab.submit("other\nouter");
  await lab.run({}, { tracker: awayFor(lab, "header", 99), clock: atMinute(0) });
  const retrace: typeof lab.services.retrace = (crash, signal) =>
    lab.retraced.length === 0 ? lab.services.retrace(crash, signal) : Promise.reject(new ServiceFailure("apt failed"));
  await expect(lab.run({ jobs: 1 }, { retrace, clock: atMinute(30) })).rejects.toThrow("apt failed");
  expect(await lab.state.outageSince("tracker")).toBeNull();
});

test("a core whose stream breaks off because the tracker is away is tried again, and not called damaged", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const openCore: Tracker["openCore"] = async (id) => {
    const stream = await lab.tracker.openCore(id);
    stream?.destroy(new TransientFailure("the connection broke"));
    return stream;
  };
  expect((await lab.run({}, { tracker: { ...lab.tracker, openCore } })).endedEarly).toBe("the connection broke");
  expect(await lab.tracker.pending("amd64")).toEqual([1]);
});

test("an absence that a wrong clock has noted in years to come is counted from now on", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const runAt = (minute: number) => lab.run({}, { tracker: awayFor(lab, "header", 99), clock: atMinute(minute) });
  expect((await runAt(5 * 525_600)).endedEarly).toBe("503");
  expect((await runAt(0)).endedEarly).toBe("503");
  await expect(runAt(61)).rejects.toThrow("the tracker has been away since 2026-01-01T00:00:00.000Z");
});
