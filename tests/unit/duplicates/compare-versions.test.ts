import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions } from "../../../src/duplicates/compare-versions.ts";

// Oldest first; from deb-version(7), the policy manual and real archives.
const ascending = [
  "~~",
  "~~a",
  "~",
  "",
  "1.0~beta1~svn1245",
  "1.0~beta1",
  "1.0",
  "1.0-1~bpo12+1",
  "1.0-1",
  "1.0-1ubuntu0.1",
  "1.0-1+b1",
  "1.0-2",
  "1.0-10",
  "1.0a",
  "1.0+dfsg",
  "1.0.1",
  "1.10",
  "20231124000000000000000001",
  "20231124000000000000000002",
  "1:0.1",
  "2:0~1",
];

test("versions are in Debian's order", () => {
  for (const [index, older] of ascending.entries()) {
    for (const newer of ascending.slice(index + 1)) {
      expect([older, newer, Math.sign(compareVersions(older, newer))]).toEqual([older, newer, -1]);
      expect([newer, older, Math.sign(compareVersions(newer, older))]).toEqual([newer, older, 1]);
    }
  }
});

test("a missing epoch or revision is zero, and leading zeros do not count", () => {
  expect(compareVersions("1.0", "0:1.0-0")).toBe(0);
  expect(compareVersions("1.01", "1.1")).toBe(0);
  expect(compareVersions("1.", "1.0")).toBe(0);
});

test("the revision begins after the last dash", () => {
  expect(compareVersions("1-2-3", "1-2-4")).toBeLessThan(0);
  expect(compareVersions("1-2-3", "1-3-1")).toBeLessThan(0);
});

const anyText = fc.string({ unit: fc.constantFrom(..."0123~+-.:ab Zé") });

test("any text at all has its place in one order", () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (one, two, three) => {
      expect(Math.sign(compareVersions(one, two)) + Math.sign(compareVersions(two, one))).toBe(0);
      expect(compareVersions(one, one)).toBe(0);
      const [low, middle, high] = [one, two, three].sort(compareVersions) as [string, string, string];
      expect(compareVersions(low, middle)).toBeLessThanOrEqual(0);
      expect(compareVersions(low, high)).toBeLessThanOrEqual(0);
    }),
  );
});
