import type { Consolidated } from "../../duplicates/types.ts";

/** How far back a later run asks once more: clocks differ, and what is written in one moment is searchable in the next. */
const overlapMs = 3_600_000;

/** What slips past the searches for changes (a crash that lost its tag, a row of another program's) is found so often. */
const fullEveryMs = 30 * 24 * 3_600_000;

/**
 * Since when a source has to be asked; null for everything: the first time, by another way than the last time, a month
 * after everything was asked, and when the clock was set back.
 */
export function sinceWhen(last: Consolidated | null, source: string, now: Date): Date | null {
  if (last === null || last.source !== source) return null;
  if (last.heardAt > now || last.fullAt > now) return null;
  if (now.getTime() - last.fullAt.getTime() >= fullEveryMs) return null;
  return withOverlap(last.heardAt);
}

/** Since when to ask for what changed after a moment. */
export function withOverlap(moment: Date): Date {
  return new Date(moment.getTime() - overlapMs);
}
