import { expect, test } from "vitest";
import { retitled } from "../../../src/digger/retitle.ts";

const better = "gedit crashed with SIGSEGV in g_object_unref()";

test.each([
  ["gedit crashed with SIGSEGV in ??()", better],
  ["gedit crashed with SIGSEGV in raise()", better],
  ["gedit crashed with SIGSEGV in std::vector<int (*)()>::at()", better],
  ["gedit crashed with SIGSEGV in raise() [noble]", "gedit crashed with SIGSEGV in g_object_unref() [noble]"],
  ["[regression] gedit crashed with SIGSEGV in raise()", "[regression] gedit crashed with SIGSEGV in g_object_unref()"],
  ["gedit crashed with SIGSEGV", better],
  ["gedit crashed", better],
])("the function of %j gets its real name", (current, expected) => {
  expect(retitled(current, better)).toBe(expected);
});

test.each(["Editor goes away when I print", "gedit crashed with SIGSEGV when I print", better])(
  "%j stays",
  (current) => {
    expect(retitled(current, better)).toBeNull();
  },
);

test("what Apport called by its function becomes an assertion when the trace says so", () => {
  const assertion = "gedit assert failure: x > 0";
  expect(retitled("gedit crashed with SIGABRT in raise()", assertion)).toBe(assertion);
  expect(retitled("gedit crashed with SIGABRT in raise()", null)).toBeNull();
});

test("a long title of many functions is read in no time", () => {
  const current = `x${" crashed with SIGSEGV in f()".repeat(20_000)}!`;
  expect(retitled(current, better)).not.toBe(current);
});
