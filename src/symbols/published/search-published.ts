import { messageOf } from "../../system/failure.ts";
import { UnreadablePackage } from "../archive/extract.ts";
import { runSearches, type Search, type SearchTools, searchesFor } from "../archive/search.ts";
import type { Absence, ModuleStatus, SourceAnswer, SymbolHints, WantedModule } from "../types.ts";
import type { CandidateMemory } from "./candidate-memory.ts";
import type { Desk, Obtained } from "./desk.ts";
import { debugGuesses, executableGuesses, type Guess, type Lists } from "./guesses.ts";

/** What one search works with. */
export type PublishedSearch = {
  readonly desk: Desk;
  readonly memory: CandidateMemory;
  readonly lists: Lists;
  readonly tools: Omit<SearchTools, "packages" | "besides">;
};

/**
 * Looks for programs and libraries first, then for the debug symbols of those that are there now.
 *
 * @throws TransientFailure when the service is away, ServiceFailure when it or the store is broken
 */
export async function searchPublished(
  wanted: readonly WantedModule[],
  hints: SymbolHints,
  published: PublishedSearch,
): Promise<readonly SourceAnswer[]> {
  const { lists, tools } = published;
  const searches = wanted.flatMap(searchesFor);
  const reasons = new Map<Search, string[]>(searches.map((search) => [search, []]));
  const executables = searches.filter(({ part }) => part === "executable");
  const debugs = searches.filter(({ part }) => part === "debug");
  await tryGuesses(executables, reasons, published, (search) => executableGuesses(search, hints, lists));
  await tryGuesses(debugs, reasons, published, (search) => debugGuesses(search, hints, lists, tools.cache.store));
  return wanted.map((each) => answerFor(each, reasons));
}

// The best guess of every search first: a package is opened once for all the files that are wanted of it.
async function tryGuesses(
  searches: readonly Search[],
  reasons: ReadonlyMap<Search, string[]>,
  published: PublishedSearch,
  guessesFor: (search: Search) => Promise<readonly Guess[]>,
): Promise<void> {
  const guesses = new Map<Search, readonly Guess[]>();
  for (const search of searches) guesses.set(search, await guessesFor(search));
  const turns = Math.max(0, ...[...guesses.values()].map(({ length }) => length));
  for (let turn = 0; turn < turns; turn += 1) {
    const byPackage = Map.groupBy(
      searches.filter((search) => search.found === null && guesses.get(search)?.[turn] !== undefined),
      (search) => nameOf(guesses.get(search)?.[turn]),
    );
    for (const own of byPackage.values()) {
      const [first] = own;
      const guess = first === undefined ? undefined : guesses.get(first)?.[turn];
      if (guess !== undefined) await tryGuess(guess, own, reasons, published);
    }
  }
}

function nameOf(guess: Guess | undefined): string {
  return `${guess?.name}=${guess?.version}`;
}

async function tryGuess(
  guess: Guess,
  searches: readonly Search[],
  reasons: ReadonlyMap<Search, string[]>,
  published: PublishedSearch,
): Promise<void> {
  const { memory, desk, tools } = published;
  const open: Search[] = [];
  for (const search of searches) {
    const known = await memory.recall(search, guess);
    if (known === null) open.push(search);
    else reasons.get(search)?.push(known);
  }
  if (open.length === 0) return;
  tools.signal.throwIfAborted();
  const obtained = await desk.obtain(guess);
  const reason = obtained.kind === "none" ? obtained.reason : await openPackage(obtained, open, tools);
  for (const search of open.filter(({ found }) => found === null)) {
    reasons.get(search)?.push(reason);
    await memory.remember(search, guess, reason);
  }
}

/** Searches one package; the reason for those that found nothing in it. */
async function openPackage(
  { listed, path }: Extract<Obtained, { kind: "package" }>,
  searches: readonly Search[],
  tools: PublishedSearch["tools"],
): Promise<string> {
  const fetch = async () => new Map([[listed.sha256, path]]);
  for (const search of searches) search.queue.push(listed);
  try {
    await runSearches(searches, { ...tools, packages: { fetch }, besides: async () => [] });
  } catch (error) {
    // Reports say what is fetched, and one package out of twenty years that cannot be read is no fault of the service.
    if (!(error instanceof UnreadablePackage)) throw error;
    tools.log.event("a published package cannot be read", {
      package: `${listed.name}=${listed.version}`,
      reason: messageOf(error),
    });
    return `${listed.name} ${listed.version} cannot be unpacked`;
  }
  return `${listed.name} ${listed.version} does not hold this build-id`;
}

function answerFor({ module, needs }: WantedModule, reasons: ReadonlyMap<Search, string[]>): SourceAnswer {
  const own = [...reasons.keys()].filter((search) => search.module === module);
  const found = (part: string) => own.find((search) => search.part === part)?.found?.provenance ?? null;
  const missing =
    own.find(({ part, found }) => part === needs[0] && found === null) ?? own.find((each) => each.found === null);
  return {
    buildId: module.buildId ?? "",
    executable: found("executable"),
    debug: found("debug"),
    absence: missing === undefined ? null : absenceOf(missing, reasons.get(missing) ?? []),
  };
}

// "gone" and what is wanted is the archive's to say, which knows what it has instead.
function absenceOf({ part, tried }: Search, reasons: readonly string[]): Absence {
  const missing: Exclude<ModuleStatus, "matched"> = tried.size === 0 ? "not-packaged" : "wrong-version";
  const status = part === "debug" ? "no-debug-symbols" : missing;
  const reason = reasons.length === 0 ? "the report names no version of a package to ask for" : reasons.join(", ");
  return { status, reason, versionWanted: null, versionsAvailable: [] };
}
