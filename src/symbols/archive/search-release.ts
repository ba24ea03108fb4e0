import { basename, join } from "node:path";
import type { SourceAnswer, SymbolHints, WantedModule } from "../types.ts";
import { missingDebug, missingExecutable } from "./absence.ts";
import type { ArchiveQuestion, MissingPart } from "./archive-memory.ts";
import { openIndex } from "./built-index.ts";
import { debugPackages, exactVersion, likelyHints, likelyPackages, shippingPackages } from "./candidates.ts";
import { type ContentsSchema, contentsIndexRecipe, packagesShipping } from "./contents-index.ts";
import { fetchedLists } from "./index-targets.ts";
import type { OpenRelease } from "./open-release.ts";
import type { PackageIndex } from "./package-index.ts";
import { runSearches, type Search, type SearchTools, searchesFor } from "./search.ts";

/** What a search came to: an answer a module, and every part that is not there. */
export type SearchResult = { readonly answers: readonly SourceAnswer[]; readonly missing: readonly MissingPart[] };

/** What the searches of one release's lists share. */
export type ReleaseTools = SearchTools & { readonly index: PackageIndex };

/**
 * Searches one release's lists as they are: first by build-id and by the report's own packages, then programs
 * and libraries by the Contents index (fetched for them only), and last debug symbols by the name of the
 * package that shipped the program.
 *
 * @param packagesIndex file name of the index that `tools.index` asks
 * @throws ServiceFailure when a list or a package cannot be had
 */
export async function searchRelease(
  release: OpenRelease,
  { wanted, hints }: ArchiveQuestion,
  tools: ReleaseTools,
  packagesIndex: string,
): Promise<SearchResult> {
  const searches = wanted.flatMap(searchesFor);
  await searchByBuildIdAndHints(searches, hints, tools);
  const shipping = await searchByContents(searches, hints, release, tools);
  await searchDebugByName(searches, hints, tools);
  const missing: MissingPart[] = [];
  for (const search of searches.filter(({ found }) => found === null)) {
    const each = wanted.find(({ module }) => module === search.module);
    if (each !== undefined) missing.push(await missingPart(each, search, shipping, hints, tools, packagesIndex));
  }
  return { answers: wanted.map((each) => answerFor(each, searches, missing)), missing };
}

async function searchByBuildIdAndHints(
  searches: readonly Search[],
  hints: SymbolHints,
  tools: ReleaseTools,
): Promise<void> {
  for (const search of searches) {
    const { module, buildId, part } = search;
    const candidates =
      part === "executable"
        ? await likelyPackages(tools.index, module, buildId, hints)
        : await debugPackages(tools.index, buildId, []);
    search.queue.push(...candidates);
  }
  await runSearches(searches, tools);
}

type Shipping = { readonly shippedBy: ReadonlyMap<Search, readonly string[]>; readonly index: string | null };

async function searchByContents(
  searches: readonly Search[],
  hints: SymbolHints,
  release: OpenRelease,
  tools: ReleaseTools,
): Promise<Shipping> {
  const shippedBy = new Map<Search, readonly string[]>();
  const open = searches.filter((search) => search.part === "executable" && search.found === null);
  if (open.length === 0) return { shippedBy, index: null };
  await release.updateContents(tools.signal);
  const lists = await fetchedLists(release.root, "contents", tools.signal);
  const folder = join(release.root.folder, "index");
  const contents = await openIndex<ContentsSchema>(folder, contentsIndexRecipe, lists, tools.signal);
  try {
    for (const search of open) {
      const names = await packagesShipping(contents, search.module.path);
      shippedBy.set(search, names);
      search.queue.push(...(await shippingPackages(tools.index, names, search.buildId, hints)));
    }
  } finally {
    await contents.close();
  }
  await runSearches(open, tools);
  return { shippedBy, index: basename(contents.path) };
}

async function searchDebugByName(searches: readonly Search[], hints: SymbolHints, tools: ReleaseTools): Promise<void> {
  const open = searches.filter((search) => search.part === "debug" && search.found === null);
  for (const search of open) {
    const shippedBy = await shippedByPackages(search, hints, tools);
    search.queue.push(...(await debugPackages(tools.index, search.buildId, shippedBy)));
  }
  await runSearches(open, tools);
}

type NamedVersion = { readonly name: string; readonly version: string };

// Which package the program came from: the store knows where we took it from a package, else the report guesses.
async function shippedByPackages(
  search: Search,
  hints: SymbolHints,
  { cache: { store }, index }: ReleaseTools,
): Promise<readonly NamedVersion[]> {
  const stored = await store.lookup(search.buildId, "executable");
  const [name, version] = stored?.provenance.package?.split("=") ?? [];
  if (name !== undefined && version !== undefined) return [{ name, version }];
  const listed: NamedVersion[] = [];
  for (const hint of likelyHints(search.module, hints)) listed.push(...(await exactVersion(index, hint)));
  return listed;
}

async function missingPart(
  wanted: WantedModule,
  search: Search,
  shipping: Shipping,
  hints: SymbolHints,
  { index }: ReleaseTools,
  packagesIndex: string,
): Promise<MissingPart> {
  const { part } = search;
  if (part === "debug") return { wanted, part, absence: missingDebug(search), indexes: [packagesIndex] };
  const absence = await missingExecutable(search, shipping.shippedBy.get(search) ?? [], hints, index);
  return { wanted, part, absence, indexes: [packagesIndex, ...(shipping.index === null ? [] : [shipping.index])] };
}

function answerFor(wanted: WantedModule, searches: readonly Search[], missing: readonly MissingPart[]): SourceAnswer {
  const found = (part: string) =>
    searches.find((search) => search.module === wanted.module && search.part === part)?.found?.provenance ?? null;
  const absent = (part: string) =>
    missing.find((each) => each.wanted === wanted && each.part === part)?.absence ?? null;
  return {
    buildId: wanted.module.buildId ?? "",
    executable: found("executable"),
    debug: found("debug"),
    absence: absent("executable") ?? absent("debug"),
  };
}
