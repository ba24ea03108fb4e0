import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldsOfDescription } from "../../../../src/tracker/launchpad/description.ts";

const report = "ProblemType: Crash\nArchitecture: amd64\nUname: Linux 6.8\n";

/** The fields of a description, as an object. */
function fieldsOf(description: string): Record<string, string> | null {
  const fields = fieldsOfDescription(description);
  return fields === null ? null : Object.fromEntries(fields);
}

describe("the report in a description", () => {
  test("begins with ProblemType, whatever people wrote before it", () => {
    expect(fieldsOf(`It crashed.\nSteps: none\n\n${report}`)).toEqual({
      ProblemType: "Crash",
      Architecture: "amd64",
      Uname: "Linux 6.8",
    });
  });

  test("follows a line of three dashes and a blank where there is no ProblemType", () => {
    expect(fieldsOf("I use this.\n---\nnot yet\n--- \nArchitecture: amd64\n")).toEqual({ Architecture: "amd64" });
  });

  test("is none without either mark", () => {
    expect(fieldsOf("Architecture: amd64\n---\nUname: Linux")).toBeNull();
    expect(fieldsOf("")).toBeNull();
    expect(fieldsOf("--- ")).toBeNull();
  });

  test("ends at a blank line, behind which people go on", () => {
    expect(fieldsOf(`${report}\nPackage: not mine\n`)).not.toHaveProperty("Package");
  });

  test("goes on over blank lines that slipped in before Uname", () => {
    const slipped = "ProblemType: Crash\nTags:  noble\n\n \n\u00a0\nUname: Linux 6.8\nUserGroups: adm\n";
    expect(fieldsOf(slipped)).toMatchObject({ Uname: "Linux 6.8", UserGroups: "adm" });
  });

  test("survives CR LF and non-breaking spaces", () => {
    const text = "ProblemType:\u00a0Crash\r\nStacktraceTop:\r\n\u00a0first ()\r\n\u00a0second ()\r\nSignal: 11\r\n";
    expect(fieldsOf(text)).toEqual({ ProblemType: "Crash", StacktraceTop: "first ()\nsecond ()", Signal: "11" });
  });

  test("has values of several lines", () => {
    expect(fieldsOf("ProblemType: Crash\nProcCmdline: sleep\n 10\nSignal: 11")).toMatchObject({
      ProcCmdline: "sleep\n10",
      Signal: "11",
    });
  });

  test("passes over lines that are no fields, cores and internal fields, with what continues them", () => {
    const text =
      "ProblemType: Crash\nthis I added\n here\nCoreDump: base64\n H4sI\nVmCore: x\n_Hidden: 1\n more\nSignal: 11\n";
    expect(fieldsOf(text)).toEqual({ ProblemType: "Crash", Signal: "11" });
  });

  test("takes the last of a repeated field", () => {
    expect(fieldsOf("ProblemType: Crash\nSignal: 6\nSignal: 11")).toMatchObject({ Signal: "11" });
  });
});

describe("hostile descriptions", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "ProblemType:",
      "--- ",
      "\n",
      "\r\n",
      " ",
      "\u00a0",
      "Uname:",
      "Key: base64",
      "CoreDump: x",
      "\0",
      ":",
    ),
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("\ud800", "\udc80", "a", "\u2028", "\u200f") }),
  );

  test("give fields or none, and never a core, an internal field or a name that is none", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const fields = fieldsOfDescription(`ProblemType: Crash\n${pieces.join("")}`);
        expect(fields?.get("ProblemType")).toBeDefined();
        for (const name of fields?.keys() ?? []) {
          expect(name).toMatch(/^[A-Za-z0-9.-][A-Za-z0-9._-]*$/);
          expect(["CoreDump", "VmCore"]).not.toContain(name);
        }
      }),
    );
  });

  test("of a megabyte of blank lines or of keys take no time to speak of", () => {
    expect(fieldsOf(`ProblemType: Crash\n${"\n".repeat(1_000_000)}Uname: x`)).toEqual({ ProblemType: "Crash" });
    expect(fieldsOf(`ProblemType: Crash\n${"a:\n".repeat(300_000)}`)).toBeNull();
  });

  test("what was written as a report reads back the same, whatever surrounds it", () => {
    const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,20}$/).filter((text) => !["CoreDump", "VmCore"].includes(text));
    const value = fc.stringMatching(/^[!-~]{1,40}$/).filter((text) => text !== "base64");
    fc.assert(
      fc.property(fc.dictionary(name, value), fc.stringMatching(/^[a-z .]*$/), (fields, words) => {
        const lines = Object.entries(fields).map(([key, text]) => `${key}: ${text}\n`);
        const found = fieldsOf(`${words}\nProblemType: Crash\n${lines.join("")}\n${words}`);
        expect(found).toEqual({ ProblemType: "Crash", ...fields });
      }),
    );
  });
});
