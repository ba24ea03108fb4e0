import { expect, test } from "vitest";
import { linesOf, maxLineCharacters, maxTextCharacters, strip } from "../../../src/trace/text.ts";

test("an overlong line is cut, and the next one is read as usual", () => {
  const lines = [...linesOf(`${"a".repeat(maxLineCharacters + 5)}\nb`)];
  expect(lines.map((line) => line.length)).toEqual([maxLineCharacters, 1]);
});

test("what follows the longest text that is read is ignored", () => {
  const text = "a".repeat(maxTextCharacters);
  expect([...linesOf(`${text}b\nc`)]).toEqual([...linesOf(text)]);
  expect([...linesOf(`${"a\n".padEnd(maxTextCharacters, "x")}y\nz`)]).toHaveLength(2);
});

test("strip takes the blanks off both ends only", () => {
  expect(strip("\u3000\x1c a \u2028 b\n\t")).toBe("a \u2028 b");
  expect(strip(" \n ")).toBe("");
  expect(strip("\ufeffa")).toBe("\ufeffa");
});
