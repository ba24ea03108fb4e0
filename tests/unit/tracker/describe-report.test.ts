import fc from "fast-check";
import { expect, test } from "vitest";
import { describeReport } from "../../../src/tracker/local/describe-report.ts";
import { isPendingTag, isTag } from "../../../src/tracker/marks.ts";
import { fieldOfAttachment } from "../../../src/tracker/text-attachments.ts";
import { cleanTitle } from "../../../src/tracker/title.ts";

const core = new Map([["CoreDump", { path: "/nowhere", sizeBytes: 1 }]]);

function describeFields(fields: Readonly<Record<string, string>>, binaries = core) {
  return describeReport({ fields: new Map(Object.entries(fields)), binaries }, "amd64");
}

const titles: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{ Title: " of  its\town " }, "of its own"],
  [{ Title: " ", ExecutablePath: "/usr/bin/vim", Signal: "11", SignalName: "SIGSEGV" }, "vim crashed with SIGSEGV"],
  [{ ExecutablePath: "/usr/bin/vim" }, "vim crashed"],
  [{ Package: "vim 9.0" }, "vim crashed"],
  [{ ProblemType: "KernelCrash" }, "KernelCrash report"],
  [{}, "crash report"],
];
test.each(titles)("%j has the title %j", (fields, title) => {
  expect(describeFields(fields).title).toBe(title);
});

test("a title is one line of 1 to 200 characters without control characters, whatever comes in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 600 }), (text) => {
      const title = cleanTitle(text);
      expect([...title].length).toBeGreaterThan(0);
      expect([...title].length).toBeLessThanOrEqual(200);
      expect(title).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }),
  );
});

test("every report has exactly one mark, and only sound tags", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("need-x-retrace a bc", "armhf", "need-duplicate-check"),
  );
  fc.assert(
    fc.property(fc.record({ Architecture: value, Tags: value }), fc.boolean(), (fields, withCore) => {
      const { tags } = describeFields(fields, withCore ? core : new Map());
      expect(tags.filter(isPendingTag)).toHaveLength(1);
      expect(tags.every(isTag)).toBe(true);
      expect(tags.includes("need-duplicate-check")).toBe(!withCore);
    }),
  );
});

test("every field is kept once, inline or as an attachment that is that field", () => {
  const names = fc.stringMatching(/^[A-Za-z0-9._-][A-Za-z0-9._-]{0,20}$/);
  const texts = fc.oneof(fc.string(), fc.constant("x".repeat(1001)), fc.constant("1\n2\n3\n4\n5\n6"));
  fc.assert(
    fc.property(fc.dictionary(names, texts, { noNullPrototype: true }), (fields) => {
      const { inlineFields, attachments } = describeFields(fields);
      const back = [...inlineFields, ...attachments.map(([name, text]) => [fieldOfAttachment(name), text] as const)];
      expect(new Map(back)).toEqual(new Map(Object.entries(fields)));
      expect(attachments.every(([name]) => !name.startsWith("_"))).toBe(true);
    }),
  );
});

test("long fields are attachments as in Apport's bug reports", () => {
  const fields = { Short: "x".repeat(1000), Long: "x".repeat(1001), Five: "1\n2\n3\n4\n5", Six: "1\n2\n3\n4\n5\n6" };
  expect(describeFields(fields).attachments.map(([name]) => name)).toEqual(["Long.txt", "Six.txt"]);
});
