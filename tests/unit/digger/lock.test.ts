import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock, failLock, inspectLock, type LockOptions, releaseLock, unlock } from "../../../src/digger/lock.ts";
import { formatLock, parseLock, runningLock } from "../../../src/digger/lock-file.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { ownIdentity } from "../../../src/system/process-identity.ts";

let folder = "";
let now = new Date("2026-01-01T00:00:00Z");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  now = new Date("2026-01-01T00:00:00Z");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function options(overrides: Partial<LockOptions> = {}): LockOptions {
  const clock = { now: () => now, monotonicMs: () => 0 };
  return { path: join(folder, "lock"), identity: ownIdentity(), clock, ...overrides };
}

test("the first line of a lock is the pid, as Apport writes it", () => {
  acquireLock(options());
  expect(readFileSync(join(folder, "lock"), "utf8").split("\n")[0]).toBe(String(process.pid));
});

test("a lock is taken when it is free, and free again when it is released", () => {
  expect(acquireLock(options())).toEqual({ kind: "acquired", tookOver: false });
  expect(inspectLock(options()).kind).toBe("live");
  releaseLock(options());
  expect(inspectLock(options()).kind).toBe("free");
});

test("the lock of a running batch is respected", () => {
  acquireLock(options());
  expect(acquireLock(options())).toMatchObject({ kind: "held", state: { kind: "live" }, remindNow: false });
});

test("a lock left before a reboot is taken over", () => {
  const before = { ...ownIdentity(), bootId: "an-earlier-boot" };
  writeFileSync(join(folder, "lock"), formatLock(runningLock(before, now)));
  expect(acquireLock(options())).toEqual({ kind: "acquired", tookOver: true });
  expect(inspectLock(options()).kind).toBe("live");
});

test("a failure noted before a reboot still keeps the lock", () => {
  const before = { ...ownIdentity(), bootId: "an-earlier-boot" };
  failLock(options({ identity: before }), "the archive is broken");
  expect(acquireLock(options())).toMatchObject({ kind: "held", state: { kind: "failed" } });
});

test("a process that vanished on this boot is noted as a failure, told once, and then reminded of daily", () => {
  const gone = { ...ownIdentity(), startTicks: "1" };
  writeFileSync(join(folder, "lock"), formatLock(runningLock(gone, now)));
  expect(acquireLock(options())).toMatchObject({ kind: "held", state: { kind: "killed" }, remindNow: true });
  expect(acquireLock(options())).toMatchObject({ kind: "held", state: { kind: "failed" }, remindNow: false });
  now = new Date("2026-01-02T00:00:01Z");
  expect(acquireLock(options())).toMatchObject({ remindNow: true });
  expect(acquireLock(options())).toMatchObject({ remindNow: false });
});

test("a clock that was set back does not silence the reminders", () => {
  failLock(options(), "broken");
  now = new Date("2020-01-01T00:00:00Z");
  expect(acquireLock(options())).toMatchObject({ remindNow: true });
});

test("a re-used pid is not mistaken for the batch", () => {
  const reused = { ...ownIdentity(), startTicks: "12345" };
  writeFileSync(join(folder, "lock"), formatLock(runningLock(reused, now)));
  expect(inspectLock(options()).kind).toBe("killed");
});

test("Apport's own lock, the pid alone, counts while such a process lives", () => {
  writeFileSync(join(folder, "lock"), `${process.pid}`);
  expect(inspectLock(options()).kind).toBe("live");
  writeFileSync(join(folder, "lock"), "4194999\n");
  expect(inspectLock(options()).kind).toBe("killed");
});

test.each(["", "\n", "hello\n", "-1\n", "99999999999999999\n"])(
  "a lock that names no process (%j) is a failure",
  (text) => {
    writeFileSync(join(folder, "lock"), text);
    expect(inspectLock(options()).kind).toBe("failed");
  },
);

test("unlock takes a failure's lock away, and leaves a running batch's", () => {
  failLock(options(), "broken");
  expect(unlock(options())).toMatchObject({ kind: "failed", content: { reason: "broken" } });
  expect(inspectLock(options()).kind).toBe("free");
  acquireLock(options());
  expect(unlock(options()).kind).toBe("live");
  expect(inspectLock(options()).kind).toBe("live");
});

test("a reason of several lines with any characters survives the file", () => {
  const content = { ...runningLock(ownIdentity(), now), reason: 'E: one\nreason: "two"\u0000\u001b[31m' };
  expect(parseLock(formatLock(content))).toEqual(content);
});

test("what is no lock file at all, or no guard, is a service failure that says what to do", () => {
  writeFileSync(join(folder, "lock.guard"), "this is no database, however one looks at it".repeat(100));
  expect(() => acquireLock(options())).toThrow(ServiceFailure);
  rmSync(join(folder, "lock.guard"));
  mkdirSync(join(folder, "lock"));
  expect(() => acquireLock(options())).toThrow(/the lock .* cannot be read/);
  expect(() => acquireLock(options({ path: join(folder, "lock.guard", "lock") }))).toThrow(ServiceFailure);
});

test("of a lock as large as a disk only the head is read", () => {
  writeFileSync(join(folder, "lock"), "4194999\n");
  truncateSync(join(folder, "lock"), 2 ** 40);
  expect(inspectLock(options()).kind).toBe("killed");
});

test("where /proc does not tell the boot, no reboot is taken for granted", () => {
  acquireLock(options());
  const blind = { ...ownIdentity(), bootId: "" };
  expect(inspectLock(options({ identity: blind })).kind).toBe("live");
  writeFileSync(join(folder, "lock"), formatLock(runningLock(blind, now)));
  expect(inspectLock(options()).kind).toBe("live");
});

test("the lock of another machine, in a folder that both see, is not taken over", () => {
  const elsewhere = { ...ownIdentity(), bootId: "its-boot", host: "other.example" };
  writeFileSync(join(folder, "lock"), formatLock(runningLock(elsewhere, now)));
  const reason = "the lock is held by another machine, other.example";
  expect(acquireLock(options())).toMatchObject({ kind: "held", state: { kind: "failed", content: { reason } } });
});

test("a batch whose lock was removed under it leaves the next one's alone, at a good end and at a bad one", () => {
  const first = options({ identity: { ...ownIdentity(), startTicks: "1" } });
  acquireLock(first);
  rmSync(join(folder, "lock"));
  acquireLock(options());
  failLock(first, "broken");
  releaseLock(first);
  expect(inspectLock(options()).kind).toBe("live");
  rmSync(join(folder, "lock"));
  failLock(first, "broken");
  expect(inspectLock(options())).toMatchObject({ kind: "failed", content: { reason: "broken" } });
});

test("Apport's own lock does not count for a process that was started after it was written", () => {
  writeFileSync(join(folder, "lock"), `${process.pid}`);
  utimesSync(join(folder, "lock"), new Date("2001-01-01"), new Date("2001-01-01"));
  expect(inspectLock(options()).kind).toBe("killed");
});

test("a batch that has ended and whose parent never asked (a zombie) counts as gone", async () => {
  // The shell becomes a sleep that knows nothing of its child.
  const parent = spawn("sh", ["-c", "sh -c 'echo $$; sleep 0.1' & exec sleep 1000"]);
  try {
    const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (text) => resolve(Number(text))));
    writeFileSync(join(folder, "lock"), `${pid}`);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "latin1"), { timeout: 20_000 }).toContain(") Z ");
    expect(inspectLock(options()).kind).toBe("killed");
  } finally {
    parent.kill("SIGKILL");
  }
});

test("an empty lock is a failure that was told when it was left, and is reminded of a day later", () => {
  writeFileSync(join(folder, "lock"), "");
  utimesSync(join(folder, "lock"), now, now);
  expect(acquireLock(options())).toMatchObject({ state: { kind: "failed" }, remindNow: false });
  now = new Date("2026-01-02T00:00:01Z");
  expect(acquireLock(options())).toMatchObject({ state: { kind: "failed" }, remindNow: true });
  expect(acquireLock(options())).toMatchObject({ state: { kind: "failed" }, remindNow: false });
});

test("nothing but the lock and its guard is left in the folder", () => {
  acquireLock(options());
  failLock(options(), "broken");
  expect(readdirSync(folder).sort()).toEqual(["lock", "lock.guard"]);
});
