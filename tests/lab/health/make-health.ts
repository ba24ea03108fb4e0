import type { LockState } from "../../../src/digger/lock.ts";
import type { BatchRow } from "../../../src/digger/state/batches.ts";
import type { Health, Looked, Records } from "../../../src/health/types.ts";

const gibibyte = 1024 ** 3;

/** The moment at which every health of the tests is looked at. */
export const lookedAtTime = new Date("2026-01-02T12:00:00Z");

export function seen<Part>(part: Part): Looked<Part> {
  return { kind: "seen", part };
}

/** A batch that ended well ten minutes ago, or another one. */
export function batchRow(changes: Partial<BatchRow> = {}): BatchRow {
  return {
    id: 7,
    startedAt: "2026-01-02T11:48:00.000Z",
    endedAt: "2026-01-02T11:50:00.000Z",
    outcome: "done",
    endedAs: "done",
    peakBytes: 128 * 1024 ** 2,
    gdbPeakBytes: 64 * 1024 ** 2,
    ...changes,
  };
}

/** What state.db tells of a service that is well. */
export function records(changes: Partial<Records> = {}): Records {
  return {
    lastEnded: batchRow(),
    lastSuccess: batchRow(),
    ends: new Map([["done", 7]]),
    queue: { crashes: 0, oldestSince: null },
    aside: { retry: 0, parked: 0, dead: 0, buried: 0 },
    openEdits: 0,
    stuckEdits: 0,
    verdicts: [{ verdict: "new", count: 3, durationMs: 1500 }],
    trackerAwaySince: null,
    ...changes,
  };
}

/** A service that is well, with changes. */
export function makeHealth(changes: Partial<Health> = {}): Health {
  const room = { freeBytes: 50 * gibibyte, freeFiles: 1_000_000 };
  return {
    now: lookedAtTime,
    lock: seen({ kind: "free" }),
    records: seen(records()),
    pending: null,
    rooms: { state: seen({ ...room, folder: "/srv/state" }), cache: seen({ ...room, folder: "/srv/cache" }) },
    cache: seen({ bytes: 5 * gibibyte, maxBytes: 20 * gibibyte }),
    newestBackup: null,
    ...changes,
  };
}

/** A lock in a state, written two minutes ago. */
export function heldLock(kind: Exclude<LockState["kind"], "free">, reason: string | null = null): Looked<LockState> {
  const time = "2026-01-02T11:58:00.000Z";
  const content = { pid: 42, bootId: "b", startTicks: "1", host: "retracer", time, reason, reminded: null };
  return seen({ kind, content });
}
