import { expect, test } from "vitest";
import { sourceExcerpt } from "../../../src/retrace/source-excerpt.ts";

const text = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`).join("");

test("five lines before and after, fewer at the ends", () => {
  expect(sourceExcerpt(text, 10)).toMatchObject({ firstLine: 5, lines: { length: 11, 5: "line 10" } });
  expect(sourceExcerpt(text, 1)).toMatchObject({ firstLine: 1, lines: { length: 6 } });
  expect(sourceExcerpt(text, 20)).toMatchObject({ firstLine: 15, lines: { length: 6 } });
});

test.each([0, -1, 21, 4_000_000_000])("a text without line %d has nothing to show", (line) => {
  expect(sourceExcerpt(text, line)).toBeNull();
});

test("lines are fit for a terminal, and not longer than a person reads", () => {
  const hostile = `\x1b]0;title\x07 a\u202eb\r\n${"x".repeat(1_000_000)}\n\ttab\tstop`;
  expect(sourceExcerpt(hostile, 2)?.lines).toEqual([
    "\\x1b]0;title\\x07 a\\u{202e}b",
    `${"x".repeat(200)}…`,
    "        tab     stop",
  ]);
});
