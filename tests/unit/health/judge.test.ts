import { expect, test } from "vitest";
import { judge } from "../../../src/health/judge.ts";
import { worstOf } from "../../../src/health/judgement.ts";
import { usualLimits } from "../../../src/health/limits.ts";
import type { Health } from "../../../src/health/types.ts";
import { batchRow, heldLock, makeHealth, records, seen } from "../../lab/health/make-health.ts";

/** The state, and what is wrong in words. */
function told(changes: Partial<Health>, limits = usualLimits): readonly string[] {
  const judgements = judge(makeHealth(changes), limits);
  const wrong = judgements.filter(({ severity }) => severity !== "ok");
  return [worstOf(judgements), ...wrong.map(({ text }) => text)];
}

test("a service that is well is ok, without a word about what is wrong", () => {
  expect(told({})).toEqual(["ok"]);
});

test.each([
  ["failed", "503 Service Unavailable\nand more", "stopped since 2026-01-02T11:58:00.000Z: 503 Service Unavailable"],
  ["killed", null, "stopped: the batch with process 42 was killed, or died, in mid-batch"],
] as const)("a lock that is %s is critical, with the reason", (kind, reason, words) => {
  expect(told({ lock: heldLock(kind, reason) })).toEqual(["critical", words]);
});

test("a reboot in mid-batch is none of monitoring's business: the next batch takes over", () => {
  expect(told({ lock: heldLock("rebooted") })).toEqual(["ok"]);
});

test("a batch under way is well, until it has been running for too long", () => {
  const lock = heldLock("live");
  expect(told({ lock })).toEqual(["ok"]);
  const now = new Date("2026-01-02T18:30:00Z");
  const late = records({ lastSuccess: batchRow({ endedAt: now.toISOString() }) });
  expect(told({ lock, now, records: seen(late) })).toEqual(["warning", "a batch has been running for 6 h"]);
});

test("the age of the last success: a warning after two hours, critical after a day, whatever ended since", () => {
  const after = (endedAt: string) => {
    const lastEnded = batchRow({ id: 9, endedAs: "away", outcome: "503" });
    return told({ records: seen(records({ lastEnded, lastSuccess: batchRow({ endedAt }) })) });
  };
  expect(after("2026-01-02T10:00:00.000Z")).toEqual(["ok"]);
  expect(after("2026-01-02T09:59:58.000Z")).toEqual(["warning", "last success 2 h ago"]);
  expect(after("2026-01-01T11:59:00.000Z")).toEqual(["critical", "last success 24 h ago"]);
  // The clock was set back.
  expect(after("2026-03-01T00:00:00.000Z")).toEqual(["ok"]);
});

test("a service on which no batch has run or ended well yet is told as such", () => {
  expect(told({ records: seen(null) })).toEqual(["warning", "no batch has run yet"]);
  expect(told({ records: seen(records({ lastSuccess: null })) })).toEqual(["warning", "no batch has ended well yet"]);
});

test("a batch that ended early because it had grown too large is a warning, though it is a success", () => {
  const batch = batchRow({ endedAs: "memory", outcome: "5 bytes are resident" });
  expect(told({ records: seen(records({ lastEnded: batch, lastSuccess: batch })) })).toEqual([
    "warning",
    "batch 7 ended early: 5 bytes are resident",
  ]);
});

test("queue, oldest crash, dead letters and refused edits are held against their limits", () => {
  const busy = records({
    queue: { crashes: 1001, oldestSince: "2025-12-20T00:00:00.000Z" },
    aside: { retry: 9, parked: 9, dead: 2, buried: 9 },
    stuckEdits: 1,
  });
  expect(told({ records: seen(busy) })).toEqual([
    "critical",
    "1001 pending",
    "the oldest waits for 13 d",
    "2 dead letters",
    "edits of 1 crash refused",
  ]);
});

test("the tracker's own word about its queue goes before what batches saw", () => {
  const empty = seen(records({ queue: { crashes: 5000, oldestSince: null } }));
  expect(told({ records: empty, pending: seen(3) })).toEqual(["ok"]);
  expect(told({ pending: seen(2000) })).toEqual(["warning", "2000 pending"]);
});

test("a tracker that does not answer is not known, and a broken one is critical", () => {
  expect(told({ pending: { kind: "unseen", reason: "503" } })).toEqual(["unknown", "tracker: 503"]);
  expect(told({ pending: { kind: "broken", reason: "401" } })).toEqual(["critical", "tracker: 401"]);
});

test("what is wrong stands above what is not known", () => {
  const unseen = { kind: "unseen", reason: "EACCES" } as const;
  expect(told({ records: seen(null), cache: unseen })[0]).toBe("warning");
});

test("the newest backup's age counts where backups are configured", () => {
  expect(told({ newestBackup: seen(null) })).toEqual(["critical", "there is no backup"]);
  const from = (time: string) => told({ newestBackup: seen(new Date(time)) });
  expect(from("2026-01-02T00:00:00Z")).toEqual(["ok"]);
  expect(from("2026-01-01T00:00:00Z")).toEqual(["ok"]);
  expect(from("2025-12-31T23:00:00Z")).toEqual(["warning", "newest backup 37 h old"]);
  expect(from("2025-12-30T11:00:00Z")).toEqual(["critical", "newest backup 3 d old"]);
});

test("room on the disks, by bytes and by files, and a cache that nobody prunes", () => {
  const room = { freeBytes: 2 * 1024 ** 3, freeFiles: null, folder: "/srv/state" };
  const cache = seen({ freeBytes: 2 ** 40, freeFiles: 9, folder: "/srv/cache" });
  expect(told({ rooms: { state: seen(room), cache }, cache: seen({ bytes: 120, maxBytes: 100 }) })).toEqual([
    "critical",
    "2.0 GiB free for /srv/state",
    "only 9 more files can be made for /srv/cache",
    "the cache is filled to 120%",
  ]);
});
