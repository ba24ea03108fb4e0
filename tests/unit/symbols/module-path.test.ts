import fc from "fast-check";
import { expect, test } from "vitest";
import { debugFilePlaces, isBuildId, isPlainPath, pathSpellings } from "../../../src/symbols/module-path.ts";

test("a path has both spellings of a merged /usr, its own first", () => {
  expect(pathSpellings("/lib/x/libc.so.6")).toEqual(["/lib/x/libc.so.6", "/usr/lib/x/libc.so.6"]);
  expect(pathSpellings("/usr/bin/bash")).toEqual(["/usr/bin/bash", "/bin/bash"]);
  expect(pathSpellings("/usr/libexec/x")).toEqual(["/usr/libexec/x"]);
  expect(pathSpellings("/opt/x/lib/y")).toEqual(["/opt/x/lib/y"]);
});

test("spellings of any text are plain paths", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("/", ".", "a", "\n", "usr", "lib", "é") }), (text) => {
      expect(pathSpellings(text).every(isPlainPath)).toBe(true);
    }),
  );
});

test("debug files are looked for by build-id, then by path and by link", () => {
  expect(debugFilePlaces("/lib/x/libc.so", "aabbccddeeff0011", "libc.debug")).toEqual([
    "usr/lib/debug/.build-id/aa/bbccddeeff0011.debug",
    "usr/lib/debug/lib/x/libc.so",
    "usr/lib/debug/lib/x/libc.so.debug",
    "usr/lib/debug/usr/lib/x/libc.so",
    "usr/lib/debug/usr/lib/x/libc.so.debug",
    "usr/lib/debug/lib/x/libc.debug",
    "usr/lib/debug/usr/lib/x/libc.debug",
  ]);
  expect(debugFilePlaces("/bin/x", "aabbccddeeff0011", "../../../etc/x")).not.toContainEqual(
    expect.stringContaining(".."),
  );
});

test("build-ids are lower-case hex of whole bytes", () => {
  expect(["aabbccddeeff0011", "ab".repeat(20)].every(isBuildId)).toBe(true);
  expect(["", "ab", "AABBCCDDEEFF0011", "aabbccddeeff001", "../aabbccddeeff"].some(isBuildId)).toBe(false);
});
