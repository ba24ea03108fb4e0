import type { HeardStatus } from "../../../src/maintenance/consolidate/types.ts";
import type { PublicationSeed } from "../launchpad/publish.ts";
import { type Random, randomFrom } from "../random.ts";
import type { Kind } from "./kinds.ts";

/** One bug that a crash is stored of. */
export type StandingBug = {
  readonly id: number;
  readonly kind: string;
  readonly isPrivate: boolean;
  readonly isGone: boolean;
  readonly tags: readonly string[];
  readonly duplicateOf: number | null;
  readonly tasks: readonly { readonly target: string; readonly status: string }[];
  /** What every source has to say of it, versions included. */
  readonly says: HeardStatus;
  /** The one package that it is fixed in, published or not. */
  readonly fixedIn: string | null;
  /** The fixed version that is stored of its crash. */
  readonly storedVersion: string | null;
};

export type StandingBugs = {
  readonly bugs: readonly StandingBug[];
  readonly publications: readonly PublicationSeed[];
};

export type StandingOptions = {
  readonly count: number;
  readonly seed: number;
  readonly kinds: readonly Kind[];
  /** How many source packages there are, besides two that are not published. */
  readonly packages: number;
  /** How many of a thousand stored crashes have not heard yet that they are fixed, or were reopened. */
  readonly outdated: number;
};

/** The bug that duplicates are one of. */
export const masterId = 999_999;

/** Makes bugs from a seed: one of each kind first, the rest by how often they occur. */
export function standingBugs({ count, seed, kinds, packages, outdated }: StandingOptions): StandingBugs {
  const random = randomFrom("standing bugs", seed);
  const shelf = makeShelf(packages);
  const whole = kinds.reduce((sum, { often }) => sum + often, 0);
  const bugs: StandingBug[] = [];
  for (let id = 1_000_000; bugs.length < count; id += 1 + random.below(3)) {
    const kind = kinds[bugs.length] ?? oneOf(kinds, random.below(whole));
    bugs.push(makeBug(id, kind, shelf, random, random.below(1000) < outdated));
  }
  return { bugs, publications: shelf.publications };
}

function oneOf(kinds: readonly Kind[], place: number): Kind {
  let left = place;
  for (const kind of kinds) {
    if (left < kind.often) return kind;
    left -= kind.often;
  }
  throw new Error("the place is beyond the last kind");
}

function makeBug(id: number, kind: Kind, shelf: Shelf, random: Random, isOutdated: boolean): StandingBug {
  const first = random.below(shelf.names.length);
  const [p = "", q = ""] = [shelf.names[first], shelf.names[(first + 1) % shelf.names.length]];
  const says = sayingOf(kind, shelf, p);
  return {
    id,
    kind: kind.name,
    isPrivate: kind.isPrivate ?? false,
    isGone: kind.isGone ?? false,
    tags: kind.isUntagged ? ["noble"] : ["apport-crash", "noble"],
    duplicateOf: kind.isDuplicate ? masterId : null,
    tasks: kind.tasks.map(([target, status]) => ({ target: target.replace(/P$/, p).replace(/Q$/, q), status })),
    says,
    fixedIn: kind.says === "fixed in P" ? p : null,
    storedVersion: storedOf(kind, says, isOutdated),
  };
}

function sayingOf({ says }: Kind, { versions }: Shelf, name: string): HeardStatus {
  if (says === "fixed") return { kind: "fixed", version: "" };
  if (says !== "fixed in P") return { kind: says };
  const version = versions.get(name);
  return version === undefined ? { kind: "invalid" } : { kind: "fixed", version };
}

// As after the last consolidation, but for what happened since.
function storedOf(kind: Kind, says: HeardStatus, isOutdated: boolean): string | null {
  // Its package was published when it was fixed.
  if (kind.says === "fixed in P" && says.kind === "invalid") return isOutdated ? null : "0.5-1";
  if (says.kind === "fixed") return isOutdated ? null : says.version;
  return says.kind === "open" && isOutdated ? "0.9-1" : null;
}

type Shelf = {
  readonly names: readonly string[];
  readonly publications: readonly PublicationSeed[];
  /** What people get in the current series. */
  readonly versions: ReadonlyMap<string, string>;
};

function makeShelf(packages: number): Shelf {
  const publications: PublicationSeed[] = [];
  const versions = new Map<string, string>();
  const publish = (source: string, version: string, rest: Partial<PublicationSeed> = {}): void => {
    publications.push({ source, version, series: "questing", ...rest });
  };
  publish("only-proposed", "3", { pocket: "Proposed" });
  publish("once-was", "2", { status: "Deleted" });
  publish("once-was", "1", { series: "plucky" });
  for (let number = 1; number <= packages; number++) {
    const name = number % 10 === 0 ? `lib${number}++` : `program${number}`;
    publish(name, "7", { series: "plucky" });
    publish(name, `1.${number}-1`);
    if (number % 3 === 0) publish(name, `1.${number}-2`, { pocket: "Security" });
    if (number % 3 === 1) publish(name, "8", { pocket: "Proposed" });
    if (number % 4 === 1) publish(name, "9", { status: "Superseded" });
    if (number % 4 === 2) publish(name, "10", { status: "Deleted", pocket: "Updates" });
    versions.set(name, number % 3 === 0 ? `1.${number}-2` : `1.${number}-1`);
  }
  return { names: [...versions.keys(), "only-proposed", "once-was"], publications, versions };
}
