import { expect, test } from "vitest";
import { signatureOf } from "../../../src/trace/signature-of.ts";

function signature(fields: Record<string, string>): string | null {
  return signatureOf(new Map(Object.entries(fields)));
}

const gedit = { ProblemType: "Crash", ExecutablePath: "/usr/bin/gedit" };
const segfault = { ...gedit, Signal: "11" };
const abort = { ...gedit, Signal: "6", AssertionMessage: "oops" };

test("a signature set by a package's hook overrides everything, even when it is empty", () => {
  expect(signature({ ...abort, DuplicateSignature: "mine: own\nlines" })).toBe("mine: own\nlines");
  expect(signature({ DuplicateSignature: "alone" })).toBe("alone");
  expect(signature({ ...abort, DuplicateSignature: "" })).toBe("");
});

test("a report without a program has none, unless it is the kernel's", () => {
  expect(signature({ ProblemType: "Crash", Signal: "11", StacktraceTop: "a ()\nb ()" })).toBeNull();
  expect(signature({ ProblemType: "Package", OopsText: "IP: [<c1>] a" })).toBeNull();
  expect(signature({})).toBeNull();
});

test("an abort with a message is known by the message, addresses taken out", () => {
  expect(
    signature({ ...abort, AssertionMessage: "free(): 0x00000a12 and 0xffffff, 0x12345, 0xABCDEF1, 0x1234567G" }),
  ).toBe("/usr/bin/gedit:free(): ADDR and ADDR, 0x12345, 0xABCDEF1, ADDRG");
  expect(signature({ ...abort, ExecutablePath: "/opt/0xdeadbeef/x" })).toBe("/opt/ADDR/x:oops");
});

test("an abort's message comes before its trace; an empty message is one too", () => {
  expect(signature({ ...abort, StacktraceTop: "a ()\nb ()" })).toBe("/usr/bin/gedit:oops");
  expect(signature({ ...abort, AssertionMessage: "" })).toBe("/usr/bin/gedit:");
});

test("only signal 6 written so makes the message count", () => {
  const top = { StacktraceTop: "a ()\nb ()" };
  expect(signature({ ...abort, ...top, Signal: "11" })).toBe("/usr/bin/gedit:11:a:b");
  expect(signature({ ...abort, ...top, Signal: "06" })).toBe("/usr/bin/gedit:06:a:b");
});

test("a crash is known by program, signal and the functions of its top", () => {
  expect(signature({ ...segfault, StacktraceTop: "strlen (s=0x0) at a.c:3\nFoo::~Foo (this=0x1)\nmain ()" })).toBe(
    "/usr/bin/gedit:11:strlen:Foo::~Foo:main",
  );
});

test("a function's name is its leading run of word characters, colons and tildes", () => {
  expect(
    signature({ ...segfault, StacktraceTop: "std::vector<int>::at (n=1)\nmain.f ()\n~X\ngröße_2 ()\noperator() ()" }),
  ).toBe("/usr/bin/gedit:11:std::vector:main:~X:größe_2:operator");
});

test("a handler frame in the top counts as a function, with nothing but blanks behind it", () => {
  expect(signature({ ...segfault, StacktraceTop: "<signal handler called>  \na ()" })).toBe(
    "/usr/bin/gedit:11:<signal handler called>:a",
  );
  expect(signature({ ...segfault, StacktraceTop: "<signal handler called> x\na ()" })).toBeNull();
});

test.each(["?? ()", "(anonymous namespace)::f ()", "<T as Trait>::f ()", " a ()", "", "*a ()", "📎 ()"])(
  "a top with the line %j has no signature",
  (line) => {
    expect(signature({ ...segfault, StacktraceTop: `a ()\n${line}\nb ()` })).toBeNull();
  },
);

test("a top of fewer than two lines has no signature, and no later rule is asked", () => {
  const traceback = 'Traceback\n  File "a", line 1, in f\nNameError: x';
  expect(signature({ ...segfault, StacktraceTop: "main ()", Traceback: traceback })).toBeNull();
  expect(signature({ ...segfault, StacktraceTop: "", OopsText: "IP: [<c1>] a" })).toBeNull();
  expect(signature({ ...segfault, StacktraceTop: "main ()\n" })).toBeNull();
});

test("without the top, or without the signal, the next rules are asked", () => {
  expect(signature({ ...segfault, Traceback: "NameError: x" })).toBe("/usr/bin/gedit:NameError");
  expect(signature({ ...gedit, StacktraceTop: "a ()\nb ()", OopsText: "IP: [<c1>] a" })).toBe("a");
  expect(signature(segfault)).toBeNull();
});
