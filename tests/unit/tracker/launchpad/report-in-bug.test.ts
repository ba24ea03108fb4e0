import { describe, expect, test } from "vitest";
import { nameOf, titleOfOurs, wantedAttachments, wantedLater } from "../../../../src/tracker/launchpad/attachments.ts";
import { reportInBug } from "../../../../src/tracker/launchpad/report-in-bug.ts";

const bug = { title: "sleep crashed", tags: ["apport-crash", "noble"], date_created: "2026-11-02T05:06:07.123+00:00" };

function report(
  inline: Record<string, string>,
  attached: Record<string, string> = {},
  changed: Partial<typeof bug> = {},
) {
  const fields = reportInBug(
    { ...bug, ...changed },
    new Map(Object.entries(inline)),
    new Map(Object.entries(attached)),
  );
  return Object.fromEntries(fields);
}

describe("a report in a bug", () => {
  test("attachments win over what stands in the description", () => {
    expect(report({ Traceback: "short" }, { Traceback: "long" })).toMatchObject({ Traceback: "long" });
  });

  test("the bug's title and tags are the report's", () => {
    expect(report({ Title: "as filed", Tags: "noble wayland-session" })).toMatchObject({
      Title: "sleep crashed",
      OriginalTitle: "as filed",
      Tags: "noble wayland-session apport-crash",
    });
    expect(report({ Title: "sleep crashed" })).not.toHaveProperty("OriginalTitle");
  });

  test("a date that it lacks is that of the bug, in the form of a report's", () => {
    expect(report({})["Date"]).toBe("Mon Nov  2 05:06:07 2026");
    expect(report({ Date: "Sun Nov  1 00:00:00 2026" })["Date"]).toBe("Sun Nov  1 00:00:00 2026");
    expect(report({}, {}, { date_created: "yesterday" })["Date"]).toBe("yesterday");
  });

  test.each([
    ["apport-bug", "Bug"],
    ["apport-crash", "Crash"],
    ["apport-kernelcrash", "KernelCrash"],
    ["apport-package", "Package"],
  ])("the tag %s says what kind of problem it is, where the report does not", (tag, problemType) => {
    expect(report({}, {}, { tags: [tag] })).toMatchObject({ ProblemType: problemType });
    expect(report({ ProblemType: "KernelOops" }, {}, { tags: [tag] })).toMatchObject({ ProblemType: "KernelOops" });
  });
});

describe("which attachments are fetched", () => {
  const attached = (...titles: string[]) =>
    titles.map((title, at) => ({ title, self_link: `https://api/${at}`, data_link: `https://api/${at}/data` }));
  const forHeader = (...titles: string[]) => [...wantedAttachments(attached(...titles), []).keys()];
  const forRetrace = (inline: Record<string, string>, ...titles: string[]) => [
    ...wantedLater(new Map(Object.entries(inline)), attached(...titles)).keys(),
  ];
  const usual = ["CoreDump.gz", "Dependencies.txt", "JournalErrors.txt", "ProcMaps.txt", "Stacktrace.txt"];

  test("of a usual crash none before it comes to a retrace, and the packages then", () => {
    expect(forHeader(...usual)).toEqual([]);
    expect(forRetrace({ StacktraceAddressSignature: "/bin/a:11:x" }, ...usual)).toEqual(["Dependencies"]);
    expect(forRetrace({}, "StacktraceAddressSignature.txt", ...usual)).toEqual(["Dependencies"]);
  });

  test("the maps too when the reporter's machine made no address signature", () => {
    expect(forRetrace({}, ...usual)).toEqual(["Dependencies", "ProcMaps"]);
  });

  test("without a core what a crash is compared by", () => {
    expect(forHeader("Dependencies.txt", "Traceback.txt", "ProcMaps.txt")).toEqual(["Traceback"]);
  });

  test("with a core the same, when it is only to be compared", () => {
    const list = attached("CoreDump.gz", titleOfOurs("StacktraceTop.txt"));
    const wantedBy = (...tags: string[]) => [...wantedAttachments(list, tags).keys()];
    expect(wantedBy("need-duplicate-check")).toEqual(["StacktraceTop"]);
    expect(wantedBy("need-duplicate-check", "need-amd64-retrace")).toEqual([]);
  });

  test("of several of one name the last, and what an earlier retrace attached", () => {
    const list = attached("Traceback.txt", "Traceback.txt", "StacktraceTop.txt", titleOfOurs("StacktraceTop.txt"));
    const found = wantedAttachments(list, []);
    expect(found.get("Traceback")?.self_link).toBe("https://api/1");
    expect(found.get("StacktraceTop")?.self_link).toBe("https://api/3");
  });

  test("a title that is no field's is nothing", () => {
    expect(forHeader("../../etc/passwd.txt", "_Traceback.txt", "Traceback", "screenshot.png")).toEqual([]);
  });

  test("what a retrace attached is known by its title", () => {
    expect(nameOf({ title: titleOfOurs("Stacktrace.txt") })).toBe("Stacktrace.txt");
  });
});
