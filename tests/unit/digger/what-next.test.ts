import { expect, test } from "vitest";
import { type BatchPolicy, nextTryAt } from "../../../src/digger/policy.ts";
import type { SetAside } from "../../../src/digger/state/set-aside.ts";
import { afterFailure, afterTrace } from "../../../src/digger/what-next.ts";

const now = new Date("2026-01-01T00:00:00Z");
const item = { id: 7, mark: { kind: "retrace", architecture: "amd64" } } as const;
const policy: BatchPolicy = {
  retryDelayMs: 600_000,
  retryFactor: 4,
  maxAttempts: 5,
  parkedMs: 1000,
  outageMs: 0,
  trackerPausesMs: [],
  trackerPatienceMs: 0,
};
const postponed = { kind: "postponed", reason: "memory" } as const;

function triesUntilDead(): readonly string[] {
  const kinds: string[] = [];
  let before: SetAside | null = null;
  while (before?.kind !== "dead" && kinds.length < 100) {
    before = afterFailure(item, postponed, before, policy, now).aside;
    kinds.push(before?.kind ?? "none");
  }
  return kinds;
}

test("the delays grow by the factor", () => {
  const minutes = [1, 2, 3, 4].map((tries) => (nextTryAt(tries, now, policy).getTime() - now.getTime()) / 60_000);
  expect(minutes).toEqual([10, 40, 160, 640]);
});

test("no delay is longer than a week, however often it was tried", () => {
  const week = 7 * 24 * 3600_000;
  expect(nextTryAt(10_000, now, policy).getTime() - now.getTime()).toBe(week);
});

test("tries are bounded", () => {
  expect(triesUntilDead()).toEqual(["retry", "retry", "retry", "retry", "dead"]);
});

test("whoever was parked or given up before has all tries again", () => {
  const before: SetAside = { kind: "dead", markTag: "need-amd64-retrace", reason: "memory" };
  expect(afterFailure(item, postponed, before, policy, now).aside).toMatchObject({ kind: "retry", tries: 1 });
});

test.each([
  { kind: "invalid", reason: "cut off" },
  { kind: "not-ours", reason: "no sources" },
  { kind: "gone" },
] as const)("nothing more is to be done after $kind", (verdict) => {
  expect(afterFailure(item, verdict, null, policy, now)).toEqual({ verdict, aside: null });
});

test("a duplicate is not parked: its core goes", () => {
  const awaited = { release: "Debian 12", architecture: "amd64", modules: [{ path: "/lib/a", buildId: "ab" }] };
  expect(afterTrace(item, { kind: "duplicate", master: 3 }, awaited, policy, now)).toBeNull();
  expect(afterTrace(item, { kind: "unsigned" }, awaited, policy, now)).toMatchObject({
    kind: "parked",
    until: "2026-01-01T00:00:01.000Z",
  });
});
