import { expect, test } from "vitest";
import { signatureOf } from "../../../src/trace/signature-of.ts";

function signature(traceback: string, more: Record<string, string> = {}, resolveLink?: (path: string) => string) {
  const fields = { ProblemType: "Crash", ExecutablePath: "/usr/bin/foo", Traceback: traceback, ...more };
  return signatureOf(new Map(Object.entries(fields)), resolveLink);
}

const nameError = `Traceback (most recent call last):
  File "/usr/bin/foo", line 12, in <module>
    main()
  File "/usr/lib/python3/dist-packages/foo.py", line 3, in main
    return undefined_name
           ^^^^^^^^^^^^^^
NameError: name 'undefined_name' is not defined`;

test("an exception is known by its name and the functions on the way to it", () => {
  expect(signature(nameError)).toBe("/usr/bin/foo:NameError:/usr/bin/foo@12:main");
});

test("the qualifier, even an empty one, follows the name", () => {
  expect(signature(nameError, { _PythonExceptionQualifier: "org.x.Y" })).toBe(
    "/usr/bin/foo:NameError(org.x.Y):/usr/bin/foo@12:main",
  );
  expect(signature(nameError, { _PythonExceptionQualifier: "" })).toBe("/usr/bin/foo:NameError():/usr/bin/foo@12:main");
});

test("the file of module level code is resolved when it is a link, other files are not asked for", () => {
  const asked: string[] = [];
  const resolve = (path: string): string => {
    asked.push(path);
    return "/usr/share/foo/foo.py";
  };
  expect(signature(nameError, {}, resolve)).toBe("/usr/bin/foo:NameError:/usr/share/foo/foo.py@12:main");
  expect(asked).toEqual(["/usr/bin/foo"]);
});

test("a single line gives the exception's name, when it has one and a colon and a blank follow", () => {
  expect(signature("ImportError: No module named x")).toBe("/usr/bin/foo:ImportError");
  expect(signature("größe_1: x\n")).toBe("/usr/bin/foo:größe_1");
  expect(signature("ImportError:x")).toBeNull();
  expect(signature("a.b.Error: x")).toBeNull();
  expect(signature(" ImportError: x")).toBeNull();
  expect(signature("KeyboardInterrupt")).toBeNull();
  expect(signature("ImportError: x", { _PythonExceptionQualifier: "q" })).toBe("/usr/bin/foo:ImportError");
});

test("no line and two lines give none", () => {
  expect(signature("")).toBeNull();
  expect(signature("Traceback (most recent call last):\nNameError: x")).toBeNull();
  expect(signature("a: b\n\n")).toBeNull();
});

test("the last line without a colon is the name as it is", () => {
  expect(signature('Traceback\n  File "a", line 1, in f\nKeyboardInterrupt')).toBe("/usr/bin/foo:KeyboardInterrupt:f");
  expect(signature('Traceback\n  File "a", line 1, in f\n')).toBeNull();
  expect(signature('Traceback\n  File "a", line 1, in f\nmod.Error: a: b')).toBe("/usr/bin/foo:mod.Error:f");
});

test("a traceback without places is known by the name alone", () => {
  expect(signature("a\nb\nc: d")).toBe("/usr/bin/foo:c");
});

test("lines that only look like places are none", () => {
  const lines = [
    'File "a", line 1, in unindented',
    '  File "a", line 1',
    '  File "a", line x, in f',
    "  File 'a', line 1, in f",
    '  File "", line 1, in f',
    '  file "a", line 1, in f',
  ];
  expect(signature(`T\n${lines.join("\n")}\nE: x`)).toBe("/usr/bin/foo:E");
});

test("names of every kind are taken as they stand", () => {
  const names = ["<lambda>", "<listcomp>", "top-level template code", "Foo.größe", "<module> "];
  const lines = names.map((name) => `\tFile "/a b/c"d.py", line 7, in ${name}`);
  expect(signature(`T\n${lines.join("\n")}\nE: x`)).toBe(`/usr/bin/foo:E:${names.join(":")}`);
});

test("the file's name may hold quotes", () => {
  expect(signature('T\n  File "/a"b.py", line 7, in <module>\nE: x')).toBe('/usr/bin/foo:E:/a"b.py@7');
});
