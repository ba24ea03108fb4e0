import type { Seed } from "./default-seed.ts";
import { makeBug } from "./make-bug.ts";
import { publish } from "./publish.ts";
import type { World } from "./state.ts";

/** Builds the world that a seed describes. @param folder where larger files may be kept. */
export function makeWorld(seed: Seed, folder: string): World {
  const world: World = {
    people: byName(seed.people),
    distributions: byName(seed.distributions),
    projects: byName(seed.projects),
    bugs: new Map(),
    publications: [],
    searches: new Map(),
    lastNumber: 0,
    now: growingClock(),
    folder,
  };
  for (const bug of seed.bugs) makeBug(world, bug);
  for (const publication of seed.publications) publish(world, publication);
  return world;
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

// Two changes within a millisecond would be told apart by nobody who asks for what changed since.
function growingClock(): () => Date {
  let last = 0;
  return () => {
    last = Math.max(Date.now(), last + 1);
    return new Date(last);
  };
}
