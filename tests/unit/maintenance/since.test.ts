import { expect, test } from "vitest";
import { sinceWhen } from "../../../src/maintenance/consolidate/since.ts";

const now = new Date("2026-11-28T12:00:00Z");
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 24 * 3_600_000);
const last = { source: "a", heardAt: daysAgo(1), fullAt: daysAgo(29) };

test("since the last time, and an hour before that", () => {
  expect(sinceWhen(last, "a", now)).toEqual(new Date("2026-11-27T11:00:00Z"));
});

test.each([
  ["the first time", null],
  ["by another way", { ...last, source: "b" }],
  ["after a month", { ...last, fullAt: daysAgo(30) }],
  ["after the clock was set back", { ...last, heardAt: daysAgo(-1) }],
  ["after the clock was set back by more", { source: "a", heardAt: daysAgo(-2), fullAt: daysAgo(-1) }],
])("everything %s", (_name, before) => {
  expect(sinceWhen(before, "a", now)).toBeNull();
});
