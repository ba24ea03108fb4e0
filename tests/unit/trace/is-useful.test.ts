import { expect, test } from "vitest";
import { isUseful } from "../../../src/trace/is-useful.ts";

test.each([
  ["", false],
  ["a ()", true],
  ["?? ()", false],
  ["a ()\nb ()", true],
  ["a ()\n?? ()", false],
  ["a ()\n?? ()\nb ()", true],
  ["?? ()\n?? ()\nb ()", false],
  ["?? ()\n?? ()\na ()\nb ()", true],
  ["?? ()\n?? ()\n??\na ()\nb ()", false],
  ["a ()\nb ()\nc ()\n??\n??", true],
  [" ?? ()", true],
  ["a ??", true],
])("the top %j is useful: %s", (top, useful) => {
  expect(isUseful(top)).toBe(useful);
});
