import { type Random, randomFrom } from "../random.ts";
import type { BugRecipe, PersonsAct } from "./bug-recipe.ts";

/** Bugs that were worked on before, what people did with them since, and those that wait now. */
export type Population = {
  readonly before: readonly BugRecipe[];
  readonly acts: readonly PersonsAct[];
  readonly waiting: readonly BugRecipe[];
};

const onDistribution = ["ubuntu"];

const before: readonly BugRecipe[] = [
  { what: "core", crash: 1, private: true },
  { what: "python", crash: 1 },
  { what: "core", crash: 3 },
  { what: "plain", crash: 0, title: "It always crashes", tasks: onDistribution },
  { what: "python", crash: 2 },
  { what: "core", crash: 5, tellsAddresses: true },
  { what: "python", crash: 3, private: true },
];

const acts: readonly PersonsAct[] = [
  { kind: "tag", bug: 0, tag: "apport-request-retrace" },
  { kind: "status", bug: 1, status: "Fix Released" },
  { kind: "duplicate", bug: 2, of: 3 },
  { kind: "status", bug: 4, status: "Invalid" },
];

const elsewhere = [{ target: "coreutils" }, { target: "ubuntu/noble/+source/places" }];

/** One at least of whatever can become of a bug. */
const everyKind: readonly BugRecipe[] = [
  { what: "core", crash: 2, private: true, tasks: [...elsewhere, { target: "ubuntu/+source/places" }] },
  { what: "core", crash: 2, private: true, tasks: onDistribution, tags: ["need-duplicate-check"] },
  { what: "core", crash: 1, run: 1, private: true, tags: ["noble", "bugpattern-needed", "bionic"] },
  { what: "core", crash: 3, title: "It crashed again" },
  { what: "known", crash: 5, tellsAddresses: true, private: true },
  { what: "known", crash: 5, tellsAddresses: true, tasks: onDistribution, tags: ["jammy"] },
  { what: "known", crash: 5, tellsAddresses: true, release: "Lab 1" },
  { what: "python", crash: 1, version: "3.0-1" },
  { what: "python", crash: 1, version: "1.5-1", private: true },
  { what: "python", crash: 1, version: "3.1-1" },
  { what: "python", crash: 2, tasks: onDistribution },
  { what: "python", crash: 9, private: true },
  { what: "python", crash: 9, release: "Debian 13" },
  { what: "python", crash: 3, private: true },
  { what: "python", crash: 3, release: null },
  { what: "garbage", crash: 0, private: true },
  { what: "cut", crash: 1, tasks: onDistribution },
  { what: "no-core", crash: 0 },
  { what: "core", crash: 2, release: "Debian 99", private: true },
  { what: "core", crash: 2, release: null },
  { what: "core", crash: 2, tasks: [{ target: "ubuntu/+source/places", status: "Won't Fix" }] },
  { what: "python", crash: 1, tasks: [{ target: "coreutils" }] },
];

/** So many waiting bugs, in an order of the seed's: one of every kind, and more of them by chance. */
export function populationFrom(seed: string | number, count: number): Population {
  const random = randomFrom("population", seed);
  const more = Array.from({ length: Math.max(0, count - everyKind.length) }, () => varied(random));
  return { before, acts, waiting: shuffled([...everyKind, ...more], random) };
}

function varied(random: Random): BugRecipe {
  const recipe = random.pick(everyKind);
  const changed = { ...recipe, private: random.below(2) === 0 };
  // A place of which the reporter tells the addresses stays what it is.
  if (recipe.what === "python") return { ...changed, crash: random.below(20), version: `${1 + random.below(4)}.0-1` };
  return recipe.what === "core" ? { ...changed, crash: random.pick([1, 2, 3, 6, 7, 8, 9, 10, 11]), run: 1 } : changed;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random.below(2 ** 30) }))
    .sort((left, right) => left.at - right.at)
    .map(({ item }) => item);
}
