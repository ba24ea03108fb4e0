import { describe, expect, test } from "vitest";
import { summaryOf } from "../../../../src/tracker/launchpad/summary.ts";
import { placeOf, type Target } from "../../../../src/tracker/launchpad/target.ts";

const ubuntu: Target = { kind: "distribution", name: "ubuntu" };
const coreutils: Target = { kind: "project", name: "coreutils" };
const root = "https://api.launchpad.example/devel";

/** `task("ubuntu/+source/coreutils", "New")` */
function task(path: string, status: string) {
  const link = `${root}/${path}`;
  return {
    self_link: link,
    http_etag: '"a-b"',
    bug_link: `${root}/bugs/1`,
    target_link: link,
    status,
    importance: "Low",
  };
}

describe("where a task stands", () => {
  test.each([
    ["ubuntu", { kind: "itself" }],
    ["ubuntu/+source/coreutils", { kind: "package", sourcePackage: "coreutils" }],
    ["ubuntu/+source/a%2Bb", { kind: "package", sourcePackage: "a+b" }],
    ["ubuntu/noble", { kind: "series" }],
    ["ubuntu/noble/+source/coreutils", { kind: "series" }],
    ["ubuntu/+source", { kind: "other" }],
    ["debian/+source/coreutils", { kind: "other" }],
    ["coreutils", { kind: "other" }],
  ])("%s", (path, place) => {
    expect(placeOf(`${root}/${path}`, ubuntu)).toEqual(place);
  });

  test("what is no address is elsewhere", () => {
    expect(placeOf("tag:launchpad.net:2008:redacted", ubuntu)).toEqual({ kind: "other" });
    expect(placeOf("%zz", ubuntu)).toEqual({ kind: "other" });
  });

  test("a project and its series", () => {
    expect(placeOf(`${root}/coreutils`, coreutils)).toEqual({ kind: "itself" });
    expect(placeOf(`${root}/coreutils/trunk`, coreutils)).toEqual({ kind: "series" });
    expect(placeOf(`${root}/ubuntu/+source/coreutils`, coreutils)).toEqual({ kind: "other" });
  });
});

describe("the status of a bug in a distribution", () => {
  const cases: readonly [string, readonly (readonly [string, string])[], object][] = [
    ["nothing on it", [["debian/+source/x", "Fix Released"]], { kind: "open" }],
    ["one fixed package", [["ubuntu/+source/x", "Fix Released"]], { kind: "fixed-in", sourcePackage: "x" }],
    [
      "several fixed packages",
      [
        ["ubuntu/+source/x", "Fix Released"],
        ["ubuntu/+source/y", "Fix Released"],
      ],
      { kind: "fixed", version: "" },
    ],
    [
      "the distribution itself fixed",
      [
        ["ubuntu", "Fix Released"],
        ["ubuntu/+source/x", "New"],
      ],
      { kind: "fixed", version: "" },
    ],
    [
      "all given up",
      [
        ["ubuntu", "Invalid"],
        ["ubuntu/+source/x", "Won't Fix"],
        ["ubuntu/+source/y", "Expired"],
      ],
      { kind: "invalid" },
    ],
    [
      "one of them open",
      [
        ["ubuntu", "Invalid"],
        ["ubuntu/+source/x", "Triaged"],
      ],
      { kind: "open" },
    ],
    [
      "fixed in a series alone",
      [
        ["ubuntu/+source/x", "Confirmed"],
        ["ubuntu/noble/+source/x", "Fix Released"],
      ],
      { kind: "open" },
    ],
  ];
  test.each(cases)("%s", (_name, tasks, summary) => {
    expect(
      summaryOf(
        tasks.map(([path, status]) => task(path, status)),
        ubuntu,
      ),
    ).toEqual(summary);
  });
});

test.each([
  ["Fix Released", { kind: "fixed", version: "" }],
  ["Invalid", { kind: "invalid" }],
  ["Won't Fix", { kind: "open" }],
  ["New", { kind: "open" }],
])("a project's bug that is %s", (status, summary) => {
  expect(summaryOf([task("coreutils", status), task("ubuntu/+source/x", "New")], coreutils)).toEqual(summary);
});
