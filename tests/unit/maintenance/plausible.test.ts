import { expect, test } from "vitest";
import { whyImplausible } from "../../../src/maintenance/consolidate/plausible.ts";
import type { Change } from "../../../src/maintenance/consolidate/types.ts";

type Counts = {
  readonly removed?: number;
  readonly absent?: number;
  readonly reopened?: number;
  readonly fixed?: number;
};

function changes({ removed = 0, absent = 0, reopened = 0, fixed = 0 }: Counts): readonly Change[] {
  const some = (count: number, becomes: Change["becomes"], isAbsent = false): readonly Change[] =>
    Array.from({ length: count }, (_, id) => ({ id, signature: "s", was: null, becomes, isAbsent }));
  return [
    ...some(removed, { kind: "removed" }),
    ...some(absent, { kind: "removed" }, true),
    ...some(reopened, { kind: "open" }),
    ...some(fixed, { kind: "fixed", version: "1" }),
  ];
}

test.each<[string, Counts, number]>([
  ["everything fixed", { fixed: 100_000 }, 100_000],
  ["a tenth lost", { removed: 6_000, reopened: 4_000 }, 100_000],
  ["a hundredth unknown", { absent: 1_000 }, 100_000],
  ["twenty lost of a small database", { removed: 15, absent: 5 }, 100],
  ["both of two", { removed: 2 }, 2],
])("believed: %s", (_name, counts, stored) => {
  expect(whyImplausible(changes(counts), stored, null)).toBeNull();
});

test.each<[string, Counts, number, string]>([
  ["more than a tenth lost", { removed: 6_000, reopened: 4_001 }, 100_000, "more than a tenth"],
  ["more than a hundredth unknown", { absent: 1_001 }, 100_000, "1001 of them the source does not know"],
  ["six unknown of a small database", { absent: 6 }, 100, "6 of them"],
  ["all three", { removed: 3 }, 3, "none would be left"],
])("not believed: %s", (_name, counts, stored, words) => {
  expect(whyImplausible(changes(counts), stored, null)).toContain(words);
});

test("a person's number takes the place of every bound, and is one itself", () => {
  expect(whyImplausible(changes({ absent: 900, reopened: 100 }), 1000, 1000)).toBeNull();
  expect(whyImplausible(changes({ absent: 901, reopened: 100 }), 1000, 1000)).toContain("more than --max-losses 1000");
  expect(whyImplausible(changes({ removed: 1 }), 1000, 0)).toContain("--max-losses 0");
});
