import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireLock } from "../../../src/digger/lock.ts";
import { openState } from "../../../src/digger/state.ts";
import { type HealthSources, readHealth } from "../../../src/health/read-health.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { ServiceFailure, TransientFailure } from "../../../src/system/failure.ts";
import { ownIdentity } from "../../../src/system/process-identity.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

const now = new Date("2026-01-01T00:00:00Z");

function sources(folder: string, changes: Partial<HealthSources> = {}): HealthSources {
  return {
    lockPath: join(folder, "batch.lock"),
    statePath: join(folder, "state.db"),
    folders: { state: folder, cache: join(folder, "cache") },
    maxCacheBytes: 1000,
    newestBackup: null,
    askTracker: null,
    identity: ownIdentity(),
    clock: systemClock,
    ...changes,
  };
}

test("where nothing has run yet nothing is made by looking", async () => {
  await using folder = await temporaryFolder("health");
  const health = await readHealth(sources(folder.path));
  expect(health).toMatchObject({
    lock: { kind: "seen", part: { kind: "free" } },
    records: { kind: "seen", part: null },
    cache: { kind: "seen", part: { bytes: 0, maxBytes: 1000 } },
    rooms: { state: { kind: "seen" }, cache: { kind: "seen" } },
    pending: null,
    newestBackup: null,
  });
  expect(existsSync(join(folder.path, "state.db"))).toBe(false);
  expect(existsSync(join(folder.path, "cache"))).toBe(false);
});

test("what batches left in state.db is read, also while one is running", async () => {
  await using folder = await temporaryFolder("health");
  const state = await openState(join(folder.path, "state.db"));
  const end = { outcome: "done", peakBytes: 5, gdbPeakBytes: null };
  const first = await state.beginBatch("h", 1, now);
  const attempt = { crashId: 1, verdict: { kind: "new" }, program: null, topFunction: null, fidelity: null } as const;
  await state.recordVerdict(first, { ...attempt, durationMs: 250 }, [], null, now);
  await state.endBatch(first, { ...end, endedAs: "memory" }, now);
  await state.endBatch(await state.beginBatch("h", 1, now), { ...end, endedAs: "away", outcome: "503" }, now);
  await state.beginBatch("h", 1, now);
  await state.noteQueue([4, 5], true, now);
  await state.recordAside(6, { kind: "dead", markTag: "m", reason: "r" }, [], now);
  expect(acquireLock({ path: join(folder.path, "batch.lock"), identity: ownIdentity(), clock: systemClock }).kind).toBe(
    "acquired",
  );
  const { records, lock } = await readHealth(sources(folder.path));
  await state.close();
  expect(lock).toMatchObject({ part: { kind: "live" } });
  expect(records).toMatchObject({
    kind: "seen",
    part: {
      lastEnded: { id: 2, endedAs: "away" },
      lastSuccess: { id: 1, endedAs: "memory" },
      ends: new Map([
        ["away", 1],
        ["memory", 1],
      ]),
      queue: { crashes: 2, oldestSince: now.toISOString() },
      aside: { dead: 1, retry: 0 },
      verdicts: [{ verdict: "new", count: 1, durationMs: 250 }],
    },
  });
});

test("a damaged database is broken, and everything else is looked at all the same", async () => {
  await using folder = await temporaryFolder("health");
  await writeFile(join(folder.path, "state.db"), "this is no database, and long enough to be looked at\n".repeat(50));
  await mkdir(join(folder.path, "batch.lock"));
  const health = await readHealth(sources(folder.path));
  expect(health.records).toMatchObject({ kind: "broken", reason: expect.stringContaining("state.db") });
  expect(health.lock).toMatchObject({ kind: "broken", reason: expect.stringContaining("not a regular file") });
  expect(health.cache.kind).toBe("seen");
});

test("what we may not read, and who does not answer for the moment, says nothing about the service", async () => {
  await using folder = await temporaryFolder("health");
  const denied = new ServiceFailure("it cannot be read", { cause: Object.assign(new Error("no"), { code: "EACCES" }) });
  const { newestBackup, pending } = await readHealth(
    sources(folder.path, {
      newestBackup: () => Promise.reject(denied),
      askTracker: () => Promise.reject(new TransientFailure("503")),
    }),
  );
  expect(newestBackup).toEqual({ kind: "unseen", reason: "it cannot be read" });
  expect(pending).toEqual({ kind: "unseen", reason: "503" });
});
