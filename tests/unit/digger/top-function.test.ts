import { expect, test } from "vitest";
import { topFunctionOf } from "../../../src/digger/top-function.ts";

test.each([
  ["f (a=1) at f.c:1\nmain () at f.c:9", "f"],
  ["std::vector<int, std::allocator<int> >::at (this=0x0) at v.h:1", "std::vector<int, std::allocator<int> >::at"],
  ["?? ()\nmain ()", null],
  ["", null],
])("the function of a trace whose top is %j is %j", (top, name) => {
  expect(topFunctionOf(new Map([["StacktraceTop", top]]))).toBe(name);
});

test("the function of a Python traceback is that of its last entry", () => {
  const Traceback =
    'Traceback (most recent call last):\n  File "/a.py", line 9, in <module>\n    main()\n' +
    '  File "/a.py", line 2, in main\n    boom, in\nNameError: boom';
  expect(topFunctionOf(new Map([["Traceback", Traceback]]))).toBe("main");
});
