import fc from "fast-check";
import { expect, test } from "vitest";
import { closeness, treePlace } from "../../../src/sources/source-path.ts";

test.each([
  ["./csu/../csu/libc-start.c", "glibc", "exact", "csu/libc-start.c"],
  [
    "./time/../sysdeps/unix/sysv/linux/clock_nanosleep.c",
    "glibc",
    "exact",
    "sysdeps/unix/sysv/linux/clock_nanosleep.c",
  ],
  ["/usr/src/coreutils-9.4-3ubuntu6/src/sleep.c", "coreutils", "exact", "src/sleep.c"],
  ["/build/glibc-6V9RKT/glibc-2.19/malloc/malloc.c", "glibc", "exact", "malloc/malloc.c"],
  ["/build/reproducible-path/foo-1.0/src/x.c", "foo", "exact", "src/x.c"],
  ["/home/me/foo/src/x.c", "foo", "ending", "home/me/foo/src/x.c"],
])("%s of %s", (fullName, source, kind, path) => {
  expect(treePlace(fullName, source)).toEqual({ kind, path });
});

test.each([
  ["../../etc/passwd"],
  ["./src/../../x.c"],
  ["/usr/src/foo-1.0/"],
  [""],
  ["/"],
  ["/usr/include/stdio.h"],
  ["/usr/lib/gcc/x86_64-linux-gnu/12/include/emmintrin.h"],
  ["a\u0000b"],
  ["a\nb"],
  ["x/".repeat(5000)],
])("%j is no place in a source package", (fullName) => {
  expect(treePlace(fullName, "foo")).toBeNull();
});

test("a place never leads upwards, whatever the debug information says", () => {
  const part = fc.oneof(fc.constantFrom("..", ".", "", "usr", "src", "build", "foo-1.0"), fc.string());
  fc.assert(
    fc.property(fc.array(part), fc.boolean(), (parts, absolute) => {
      const path = treePlace(`${absolute ? "/" : ""}${parts.join("/")}`, "foo")?.path ?? "x";
      expect(path).not.toMatch(/^\/|(?:^|\/)\.{0,2}(?:\/|$)/);
    }),
  );
});

test("an ending fits the better the longer it is; an exact path fits itself only", () => {
  const ending = { kind: "ending", path: "home/me/foo/src/x.c" } as const;
  expect(closeness(ending, "foo/src/x.c")).toBe(3);
  expect(closeness(ending, "x.c")).toBe(1);
  expect(closeness(ending, "rc/x.c")).toBe(0);
  expect(closeness(ending, "lib/x.c")).toBe(0);
  expect(closeness({ kind: "exact", path: "src/x.c" }, "x.c")).toBe(0);
});
