import type { Keep } from "./types.ts";

/** A backup and when it was taken. */
export type Dated = { readonly name: string; readonly takenAt: Date };

/**
 * Which backups may go: all but the last one of each of so many days, weeks (from Monday) and months, in UTC. Days
 * without a backup do not count, so that a machine that was off for a month does not lose what it has.
 *
 * What seems to come from the future is left alone and does not count: after the clock was wrong for a day, its
 * backups must not push out the others. Of all that is left the newest stays in any case.
 */
export function toRemove<B extends Dated>(backups: readonly B[], keep: Keep, now: Date): readonly B[] {
  const past = backups
    .filter(({ takenAt }) => takenAt <= now)
    .sort((left, right) => right.takenAt.getTime() - left.takenAt.getTime());
  const kept = new Set<B>([
    ...past.slice(0, 1),
    ...lastOfEach(past, dayOf, keep.daily),
    ...lastOfEach(past, weekOf, keep.weekly),
    ...lastOfEach(past, monthOf, keep.monthly),
  ]);
  return past.filter((backup) => !kept.has(backup));
}

/** @param newestFirst so the first one of a period is its last. */
function lastOfEach<B extends Dated>(
  newestFirst: readonly B[],
  periodOf: (moment: Date) => string | number,
  count: number,
): readonly B[] {
  const found = new Map<string | number, B>();
  for (const backup of newestFirst) {
    const period = periodOf(backup.takenAt);
    if (!found.has(period)) found.set(period, backup);
  }
  return [...found.values()].slice(0, count);
}

const dayMs = 24 * 3600_000;

function dayOf(moment: Date): number {
  return Math.floor(moment.getTime() / dayMs);
}

// 1970 began on a Thursday, three days after a Monday.
function weekOf(moment: Date): number {
  return Math.floor((dayOf(moment) + 3) / 7);
}

function monthOf(moment: Date): string {
  return moment.toISOString().slice(0, 7);
}
