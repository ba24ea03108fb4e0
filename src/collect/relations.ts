/** A row of dpkg's list as far as relations go: what a package needs, and which names it stands for. */
export type Related = {
  readonly name: string;
  readonly depends: string;
  readonly provides: string;
};

/** For each package the installed ones that it needs: of each group of alternatives the first that is there. */
export function neededBy(packages: readonly Related[]): ReadonlyMap<string, readonly string[]> {
  const providers = providersOf(packages);
  return new Map(packages.map(({ name, depends }) => [name, namesIn(depends, providers)]));
}

/** Everything that a package needs, directly or not, by name and without itself. */
export function closureOf(name: string, needs: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(needs.get(next) ?? []));
  }
  found.delete(name);
  return [...found].sort();
}

// A virtual package is as good as installed when one that provides it is.
function providersOf(packages: readonly Related[]): ReadonlyMap<string, string> {
  const providers = new Map<string, string>();
  for (const { name, provides } of packages) {
    for (const virtual of namesOf(provides.split(","))) providers.set(virtual, name);
  }
  for (const { name } of packages) providers.set(name, name);
  return providers;
}

function namesIn(depends: string, providers: ReadonlyMap<string, string>): readonly string[] {
  return depends
    .split(",")
    .map((group) => namesOf(group.split("|")).find((name) => providers.has(name)))
    .map((name) => (name === undefined ? undefined : providers.get(name)))
    .filter((name) => name !== undefined);
}

/** Names of relations: `libc6:any (>= 2.34)` gives `libc6`. */
function namesOf(relations: readonly string[]): readonly string[] {
  return relations.map((relation) => relation.trim().split(/[\s:(]/, 1)[0] ?? "").filter((name) => name !== "");
}
