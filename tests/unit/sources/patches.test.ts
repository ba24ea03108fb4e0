import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyPatch } from "../../../src/sources/apply-patch.ts";
import { parsePatch } from "../../../src/sources/patch-text.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

function patched(lines: readonly string[], patch: string): readonly string[] | null {
  const [first] = parsePatch(patch);
  return first === undefined ? lines : applyPatch(lines, first);
}

test("what diff finds between two texts, applied, gives the other text", async () => {
  await using folder = await temporaryFolder("diff");
  const [before, after] = [join(folder.path, "before"), join(folder.path, "after")];
  const line = fc.constantFrom("a", "b", "", "}", "--- x", "+++ y", "@@ -1,2 +1,2 @@", "\tz ");
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (one, other) => {
      writeFileSync(before, one.map((each) => `${each}\n`).join(""));
      writeFileSync(after, other.map((each) => `${each}\n`).join(""));
      expect(patched(one, differences(before, after))).toEqual(other);
    }),
    { numRuns: 30 },
  );
});

function differences(before: string, after: string): string {
  // diff exits with 1 when there are any.
  return execFileSync("sh", ["-c", 'diff -u "$0" "$1" || test $? = 1', before, after]).toString("utf8");
}

const patch = "--- a/x.c\n+++ b/x.c\n@@ -2,3 +2,3 @@ f()\n two\n-three\n+THREE\n four\n";

test("a patch fits further down or up than it says, and not at all where a line differs", () => {
  expect(patched(["0", "1", "2", "two", "three", "four"], patch)).toEqual(["0", "1", "2", "two", "THREE", "four"]);
  expect(patched(["two", "three", "four"], patch)).toEqual(["two", "THREE", "four"]);
  expect(patched(["one", "two", "three", "FOUR"], patch)).toBeNull();
  expect(patched([], patch)).toBeNull();
});

test("of many files and mail headers each file's own is found, by the name without its first folder", () => {
  const text = `From: a\nSubject: --- \n\n---\n x.c | 2 +-\n\n${patch}-- \n2.39\n\ndiff --git a/new.c b/new.c\n--- /dev/null\n+++ b/new.c\t2020-01-01\n@@ -0,0 +1 @@\n+new\n--- a/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n`;
  expect(parsePatch(text)).toMatchObject([
    { path: "x.c", creates: false, hunks: [{ line: 2 }] },
    { path: "new.c", creates: true, hunks: [{ before: [], after: ["new"] }] },
    { path: "gone.c", creates: false, hunks: [{ before: ["gone"], after: [] }] },
  ]);
});

test("hunks that are looked for in vain come to an end", () => {
  const lines = Array.from({ length: 200_000 }, () => "same");
  const long = Array.from({ length: 1000 }, () => " same").join("\n");
  expect(patched(lines, `--- a/x\n+++ b/x\n@@ -1,1001 +1,1001 @@\n${long}\n-other\n+other\n`)).toBeNull();
});
