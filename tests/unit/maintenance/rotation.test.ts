import fc from "fast-check";
import { expect, test } from "vitest";
import { toRemove } from "../../../src/maintenance/backup/rotation.ts";
import { momentOf, nameFor } from "../../../src/maintenance/backup/stored-backups.ts";

const keep = { daily: 7, weekly: 4, monthly: 12 };

function backupAt(moment: string | Date) {
  const takenAt = new Date(moment);
  return { name: nameFor(takenAt), takenAt };
}

/** Backs up at three in the morning of each day, rotating each time. @returns what is left after the last one. */
function afterDays(count: number, from: string, keeping = keep) {
  let stored: ReturnType<typeof backupAt>[] = [];
  for (let day = 0; day < count; day += 1) {
    const now = new Date(Date.parse(from) + day * 24 * 3600_000);
    stored.push(backupAt(now));
    const gone = new Set(toRemove(stored, keeping, now));
    stored = stored.filter((backup) => !gone.has(backup));
  }
  return stored.map(({ name }) => name.slice(0, 10));
}

test("after two years of daily backups there are seven days, four weeks and twelve months of them", () => {
  // 2026-11-28 is a Saturday: the week's last one so far.
  expect(afterDays(730, "2024-11-29T03:00:00Z")).toEqual([
    ...["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"],
    ...["2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-08", "2026-11-15"],
    ...["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28"],
  ]);
});

test("of several on one day the last one stays", () => {
  const backups = ["2026-11-28T01:00:00Z", "2026-11-28T02:00:00Z", "2026-11-28T03:00:00Z"].map(backupAt);
  expect(toRemove(backups, keep, new Date("2026-11-28T04:00:00Z"))).toEqual([backups[1], backups[0]]);
});

test("after a month without the machine nothing goes because of its age", () => {
  expect(afterDays(7, "2026-09-01T03:00:00Z")).toHaveLength(7);
  const stored = afterDays(7, "2026-09-01T03:00:00Z").map((day) => backupAt(`${day}T03:00:00Z`));
  const now = backupAt("2026-11-28T03:00:00Z");
  expect(toRemove([...stored, now], keep, now.takenAt)).toHaveLength(1);
});

test("what a wrong clock has dated to the future pushes nothing out, and stays", () => {
  const future = ["01", "02", "03", "04", "05", "06", "07", "08"].map((day) => backupAt(`2038-01-${day}T03:00:00Z`));
  const real = backupAt("2026-11-28T03:00:00Z");
  expect(toRemove([...future, real], keep, real.takenAt)).toEqual([]);
});

test("the newest one stays whatever is configured, and what goes is never younger than what its period keeps", () => {
  const moments = fc.array(fc.date({ min: new Date("2020-01-01"), max: new Date("2026-01-01"), noInvalidDate: true }));
  const counts = fc.record({ daily: fc.nat(9), weekly: fc.nat(9), monthly: fc.nat(9) });
  fc.assert(
    fc.property(moments, counts, (dates, keeping) => {
      const backups = dates.map((date) => backupAt(date));
      const gone = new Set(toRemove(backups, keeping, new Date("2026-01-02")));
      const kept = backups.filter((backup) => !gone.has(backup));
      const newest = Math.max(...backups.map(({ takenAt }) => takenAt.getTime()));
      expect(backups.length === 0 || kept.some(({ takenAt }) => takenAt.getTime() === newest)).toBe(true);
      expect(kept.length).toBeLessThanOrEqual(keeping.daily + keeping.weekly + keeping.monthly + 1);
      expect(toRemove(kept, keeping, new Date("2026-01-02"))).toEqual([]);
    }),
  );
});

test.each(["2026-11-28T031005Z", "2024-02-29T235959Z"])("a name tells the moment: %s", (name) => {
  const moment = momentOf(name);
  expect(moment === null ? null : nameFor(moment)).toBe(name);
});

test.each(["2026-13-28T031005Z", "2026-11-28", ".work-1-2-x", "2026-11-28T031005Z.old", "backup.lock", "../x"])(
  "not the name of a backup: %s",
  (name) => {
    expect(momentOf(name)).toBeNull();
  },
);
