import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableLines } from "../../../src/cli/printable.ts";

test("ordinary text in any script stays as it is", () => {
  expect(printable("/home/jürgen/日本語 (deleted)")).toBe("/home/jürgen/日本語 (deleted)");
});

test("escapes, line breaks and marks that reorder text are shown, not obeyed", () => {
  expect(printable("\x1b]0;owned\x07")).toBe("\\x1b]0;owned\\x07");
  expect(printable("a\r\nb\tc\x9b31m")).toBe("a\\x0d\\x0ab\\x09c\\x9b31m");
  expect(printable("evil\u202etxt.exe")).toBe("evil\\u202etxt.exe");
  expect(printable("tag\u{e0041}")).toBe("tag\\u{e0041}");
});

test("text of several lines keeps its lines and tabs only", () => {
  expect(printableLines("one\n\ttwo\x1b[2J\r\n")).toBe("one\n\ttwo\\x1b[2J\\x0d\n");
});

const anyText = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((codes) => String.fromCodePoint(...codes));

test("nothing that controls a terminal is left in any text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});
