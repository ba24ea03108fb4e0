import { expect, test } from "vitest";
import { assertionMessageOf } from "../../../src/trace/assertion-message-of.ts";

// As gdb prints them: a quote inside is written \", a line break \n.
const glibc = '$1 = 0x7ffff7fc1008 "prog: main.c:3: main: Assertion `x == \\"y\\"\' failed.\\n"';
const glib = '$2 = 0x5555555592a0 "ERROR:main.c:7:main: should not be reached"';

test("glibc's message comes without gdb's decoration and without the line break at its end", () => {
  expect(assertionMessageOf({ glib: null, glibc })).toBe('prog: main.c:3: main: Assertion `x == \\"y\\"\' failed.');
});

test("only one line break goes, and those inside stay as gdb writes them", () => {
  expect(assertionMessageOf({ glib: null, glibc: String.raw`$12 = 0xAb0 "a\nb\n\n"` })).toBe(String.raw`a\nb\n`);
});

test("GLib's message wins when it is an error's", () => {
  expect(assertionMessageOf({ glib, glibc })).toBe("ERROR:main.c:7:main: should not be reached");
  expect(assertionMessageOf({ glib, glibc: null })).toBe("ERROR:main.c:7:main: should not be reached");
});

test("anything else of GLib's is no message", () => {
  expect(assertionMessageOf({ glib: '$2 = 0x1 "not an ERROR: x"', glibc: '$1 = 0x2 "real"' })).toBe("real");
  expect(assertionMessageOf({ glib: '$2 = 0x1 "x"', glibc: null })).toBeNull();
});

test.each([
  'No symbol "__abort_msg" in current context.',
  "Cannot access memory at address 0x8",
  "$1 = 0x0",
  '$1 = "without an address"',
  "",
])("gdb's answer %j is no message", (answer) => {
  expect(assertionMessageOf({ glib: null, glibc: answer })).toBeNull();
});

test("blanks and line breaks around gdb's answer do not matter", () => {
  expect(assertionMessageOf({ glib: null, glibc: '\n$1 = 0x2 "real" \n' })).toBe("real");
});
