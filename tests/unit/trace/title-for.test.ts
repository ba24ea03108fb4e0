import fc from "fast-check";
import { expect, test } from "vitest";
import { titleFor } from "../../../src/trace/title-for.ts";

function title(fields: Record<string, string>): string | null {
  return titleFor(new Map(Object.entries(fields)));
}

const gedit = { ExecutablePath: "/usr/bin/gedit" };

test("a crash is titled by program, signal and the first function with a name", () => {
  expect(title({ ...gedit, Signal: "11", StacktraceTop: "?? ()\nstrlen (s=0x0) at a.c:3\nmain ()" })).toBe(
    "gedit crashed with SIGSEGV in strlen()",
  );
});

test("names of C++ keep their blanks and template arguments", () => {
  const top = "<signal handler called>\nstd::vector<int, std::allocator<int> >::at (this=0x0) at v.h:3";
  expect(title({ ...gedit, Signal: "11", StacktraceTop: top })).toBe(
    "gedit crashed with SIGSEGV in std::vector<int, std::allocator<int> >::at()",
  );
});

test("operators keep their parentheses", () => {
  expect(title({ ...gedit, Signal: "11", StacktraceTop: "Foo::operator() (this=0x0)" })).toBe(
    "gedit crashed with SIGSEGV in Foo::operator()()",
  );
});

test("a long title is cut at a whole character's expense, not inside it", () => {
  const cut = title({
    ...gedit,
    Signal: "11",
    StacktraceTop: `${"x".repeat(249 - "gedit crashed with SIGSEGV in ".length)}\u{1f600} ()`,
  });
  expect(cut).toHaveLength(250);
  expect(cut?.isWellFormed()).toBe(true);
});

test("without a name there is only the signal", () => {
  expect(title({ ...gedit, Signal: "4", StacktraceTop: "?? ()\n?? () from /lib/x.so" })).toBe(
    "gedit crashed with SIGILL",
  );
  expect(title({ ...gedit, Signal: "11" })).toBe("gedit crashed with SIGSEGV");
});

test("the report's own name of the signal is used, and a number where there is none", () => {
  expect(title({ ...gedit, Signal: "7", SignalName: "SIGEMT" })).toBe("gedit crashed with SIGEMT");
  expect(title({ ...gedit, Signal: "64" })).toBe("gedit crashed with signal 64");
});

test("an abort with a message is an assert failure", () => {
  expect(title({ ...gedit, Signal: "6", AssertionMessage: "a.c:3: oops", StacktraceTop: "x ()" })).toBe(
    "gedit assert failure: a.c:3: oops",
  );
  expect(title({ ...gedit, Signal: "6", StacktraceTop: "x ()" })).toBe("gedit crashed with SIGABRT in x()");
});

test("an exception is titled by its name and the innermost function", () => {
  const Traceback =
    'T\n  File "/usr/bin/a", line 1, in <module>\n    main()\n  File "/b", line 2, in main\nNameError: x: y';
  expect(title({ ...gedit, Traceback })).toBe("gedit crashed with NameError in main()");
  expect(title({ ...gedit, Traceback: 'T\n  File "/a", line 1, in <module>\nImportError: x' })).toBe(
    "gedit crashed with ImportError in <module>",
  );
  expect(title({ ...gedit, Traceback: "ImportError: x" })).toBe("gedit crashed with ImportError");
});

test("a kernel's report is titled by its first line", () => {
  expect(title({ ProblemType: "KernelOops", OopsText: "\n \nBUG: soft lockup\nmore" })).toBe("BUG: soft lockup");
  expect(title({ ProblemType: "KernelOops", Failure: "suspend/resume" })).toBe("suspend/resume");
});

test("a report that says too little has no title", () => {
  expect(title({})).toBeNull();
  expect(title(gedit)).toBeNull();
  expect(title({ Signal: "11" })).toBeNull();
});

test("a title is one short line that cannot steer a terminal", () => {
  const text = fc.string({ unit: "binary", maxLength: 400 });
  fc.assert(
    fc.property(text, text, text, (path, message, top) => {
      const fields = { ExecutablePath: `/x${path}`, Signal: "6", SignalName: message, StacktraceTop: top };
      for (const found of [title(fields), title({ ...fields, AssertionMessage: message })]) {
        expect(found).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect(found?.length).toBeLessThanOrEqual(250);
      }
    }),
  );
});
