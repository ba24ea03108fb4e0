import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { parseCrashId } from "../../../src/cli/tracker/crash-id.ts";
import { jsonLine } from "../../../src/cli/tracker/json-line.ts";
import { renderCrash } from "../../../src/cli/tracker/show-crash.ts";
import type { LocalCrash } from "../../../src/tracker/local/read-crash.ts";

function crashWith(attachments: Readonly<Record<string, string>>): LocalCrash {
  return {
    header: {
      id: 3,
      title: "sleep crashed",
      tags: [],
      status: { kind: "open" },
      duplicateOf: null,
      fields: new Map([["Stacktrace", "#0  the plain text"]]),
      attachments: [],
      hasCore: false,
    },
    submittedAt: "2026-01-02T03:04:05.000Z",
    importance: "Undecided",
    isPrivate: true,
    duplicates: [],
    comments: [],
    attachmentTexts: new Map(Object.entries(attachments)),
  };
}

test.each(["", "no json", "{}", '[{"tid":1}]', "[1]", "[]"])("a Trace.json of %j does not get in the way", (text) => {
  const shown = renderCrash(crashWith({ "Trace.json": text, "Fidelity.json": text }));
  expect(shown).toContain("#0  the plain text\n");
  expect(shown).not.toContain("Modules");
});

test("a runaway recursion is cut, and says how many frames are left", () => {
  const frame = { module: null, function: "again", file: null, line: null, inlined: false, arguments: [] };
  const frames = Array.from({ length: 5000 }, (_, index) => ({ ...frame, index }));
  const trace = JSON.stringify([{ tid: 1, crashed: true, truncated: true, frames }]);
  const shown = renderCrash(crashWith({ "Trace.json": trace }));
  expect(shown.split("\n").filter((line) => line.includes("again"))).toHaveLength(64);
  expect(shown).toContain("… and 4936 more frames\n");
});

test.each(["0", "-1", "1.5", "1e3", "99999999999999999999", "abc", "", "##1", "1 "])("%j is no number", (text) => {
  expect(() => parseCrashId(text)).toThrow(InvalidArgumentError);
});

test("a number may have a hash before it", () => {
  expect([parseCrashId("12"), parseCrashId("#12")]).toEqual([12, 12]);
});

test("a JSON line has no character that a terminal acts upon, and means the same", () => {
  const value = { text: "\u001b[31m \u009b31m \u007f \u202e \u2028 \u{e0041} ü😀", lone: "\udce9" };
  const line = jsonLine(value);
  expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
  expect(JSON.parse(line)).toEqual(value);
});
