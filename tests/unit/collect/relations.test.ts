import { expect, test } from "vitest";
import { closureOf, neededBy } from "../../../src/collect/relations.ts";

function row(name: string, depends = "", provides = "") {
  return { name, depends, provides };
}

test("of alternatives the first that is installed counts, and a virtual package is its provider", () => {
  const needs = neededBy([
    row("app", "absent | mta (>= 1), libc6:any (>= 2.34) , awk"),
    row("postfix", "libc6", "mta, mail-transport-agent (= 3)"),
    row("mawk", "", "awk"),
    row("libc6"),
  ]);
  expect(needs.get("app")).toEqual(["postfix", "libc6", "mawk"]);
});

test("what a package needs includes what that needs, in circles too, and not itself", () => {
  const needs = neededBy([row("a", "b"), row("b", "c, a"), row("c", "b"), row("d", "a")]);
  expect(closureOf("a", needs)).toEqual(["b", "c"]);
});
