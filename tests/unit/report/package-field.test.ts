import fc from "fast-check";
import { expect, test } from "vitest";
import { packagesOf, parseDependencies, parsePackageField } from "../../../src/report/package-field.ts";

test.each([
  ["bash 5.2.21-2ubuntu4", { name: "bash", version: "5.2.21-2ubuntu4", origin: null, modified: [] }],
  [
    "app 1:2.0~rc1+b1 [modified: usr/bin/[ usr/bin/app] [origin: LP-PPA-user-name]",
    { name: "app", version: "1:2.0~rc1+b1", origin: "LP-PPA-user-name", modified: ["usr/bin/[", "usr/bin/app"] },
  ],
  ["libc6:i386 2.39-0ubuntu8", { name: "libc6:i386", version: "2.39-0ubuntu8", origin: null, modified: [] }],
  ["g++ (not installed)", { name: "g++", version: null, origin: null, modified: [] }],
  ["bash", { name: "bash", version: null, origin: null, modified: [] }],
  ["  bash\t5.2  [origin: a:b]", { name: "bash", version: "5.2", origin: "a:b", modified: [] }],
])("%s is understood", (text, expected) => {
  expect(parsePackageField(text)).toEqual(expected);
});

test.each([
  "",
  " ",
  "[origin: x]",
  "-o=Dir::x 1.0",
  "../x 1.0",
  "bash -1",
  "bash 1.0 and more",
  "BASH 1",
  "bash 1.0 [x",
])("'%s' is no package", (text) => {
  expect(parsePackageField(text)).toBeNull();
});

test("of the dependencies those with a version are kept", () => {
  const text =
    "libc6 2.36-9+deb12u4\nlibgone (not installed)\n\nrubbish rubbish rubbish\nzlib1g 1:1.2.13 [modified: a]";
  expect(parseDependencies(text).map(({ name, version }) => `${name}=${version}`)).toEqual([
    "libc6=2.36-9+deb12u4",
    "zlib1g=1:1.2.13",
  ]);
});

test("the packages of a report begin with the crashed one, each once", () => {
  const fields = new Map([
    ["Package", "coreutils 9.1-1"],
    ["Dependencies", "libc6 2.36\ncoreutils 9.0"],
  ]);
  expect(packagesOf(fields).map(({ name, version }) => `${name}=${version}`)).toEqual([
    "coreutils=9.1-1",
    "libc6=2.36",
  ]);
  expect(packagesOf(new Map())).toEqual([]);
});

test("no text is too strange for the parser, and no name can be a path or an option", () => {
  const words = fc.array(
    fc.constantFrom("bash", "1.0", "[", "]", ":", " ", "[origin: x]", "-", "/", "..", "(not installed)"),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        words.map((list) => list.join("")),
      ),
      (text) => {
        for (const { name, version } of parseDependencies(text)) {
          expect(name).toMatch(/^[a-z0-9][^/\s]*$/);
          expect(version).toMatch(/^[0-9A-Za-z][^/\s]*$/);
        }
      },
    ),
  );
});
