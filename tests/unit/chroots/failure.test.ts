import { expect, test } from "vitest";
import { aptReason, commandFailure, isNoRoom } from "../../../src/chroots/failure.ts";
import type { ProcessResult } from "../../../src/system/process.ts";

const ended: ProcessResult = {
  command: ["apt-get"],
  exitCode: 100,
  signal: null,
  stoppedBy: null,
  startError: null,
  stdout: Buffer.alloc(0),
  stderr: "W: a warning\nE: libfoo1 : Depends: libbar2 but it is not installable\nother words\n",
  durationMs: 1,
};

test("the first line of a failure names the package, and the last lines it printed follow", () => {
  const progress = Array.from({ length: 100 }, (_, index) => `Unpacking package ${index} ...`).join("\n");
  const words =
    "Setting up foo ...\n10%\r20%\rfoo: no colour\ndpkg: error processing package foo (--configure):\n exit status 3\n";
  const { message, remedy } = commandFailure("The upgrade", ended, `${progress}\n${words}`, "Look.");
  const [first, ...rest] = message.split("\n");
  expect(first).toBe("The upgrade failed: exit code 100: error processing package foo (--configure)");
  expect(rest.slice(-3)).toEqual([
    "  foo: no colour",
    "  dpkg: error processing package foo (--configure):",
    "   exit status 3",
  ]);
  expect(rest).toHaveLength(30);
  expect(remedy).toBe("Look.");
});

test("what apt says of a plan that it cannot make fits on one line", () => {
  expect(aptReason(ended)).toBe("a warning; libfoo1 : Depends: libbar2 but it is not installable");
  expect(aptReason({ ...ended, stderr: "" })).toBe("exit code 100");
});

test.each([
  ["cp: error writing '/x': No space left on device", true],
  ["ENOSPC: no space left on device, write", true],
  ["dpkg: error processing archive", false],
])("%s: whether a full disk was in the way is seen", (words, expected) => {
  expect(isNoRoom(new Error(words))).toBe(expected);
});
