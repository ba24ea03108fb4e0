import type { Clock } from "../../../src/system/clock.ts";

const start = Date.parse("2026-01-01T00:00:00Z");

/** A clock that stands so many minutes after the start of its world. */
export function atMinute(minute: number): Clock {
  return { now: () => new Date(start + minute * 60_000), monotonicMs: () => minute * 60_000 };
}
