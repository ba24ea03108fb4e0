import { join } from "node:path";
import type { Log } from "../../system/log.ts";
import type { SymbolStore } from "../store/symbol-store.ts";
import type { Absence, SourceAnswer, SymbolHints, WantedModule } from "../types.ts";
import { missingDebug, missingExecutable } from "./absence.ts";
import { openIndex } from "./built-index.ts";
import { debugPackages, exactVersion, likelyHints, likelyPackages, shippingPackages } from "./candidates.ts";
import { type ContentsSchema, contentsIndexRecipe, packagesShipping } from "./contents-index.ts";
import { fetchedLists } from "./index-targets.ts";
import { openPackages } from "./open-packages.ts";
import type { OpenRelease } from "./open-release.ts";
import { type PackageIndex, packageIndex } from "./package-index.ts";
import { runSearches, type Search, type SearchTools, searchesFor } from "./search.ts";

/**
 * Finds modules in one release's archive: first by build-id and by the report's own packages, then programs
 * and libraries by the Contents index (fetched for them only), and last debug symbols by the name of the
 * package that shipped the program.
 *
 * @throws ServiceFailure when an update, a list or a package cannot be had
 */
export async function findInRelease(
  release: OpenRelease,
  wanted: readonly WantedModule[],
  hints: SymbolHints,
  { store, log }: { readonly store: SymbolStore; readonly log: Log },
  signal: AbortSignal,
): Promise<readonly SourceAnswer[]> {
  await release.updatePackages(signal);
  const database = await openPackages(release.root, signal);
  try {
    const tools: SearchTools = { index: packageIndex(database), cache: release.cache, store, log, signal };
    const searches = wanted.flatMap(searchesFor);
    await searchByBuildIdAndHints(searches, hints, tools);
    const shipping = await searchByContents(searches, hints, release, tools);
    await searchDebugByName(searches, hints, tools);
    return await Promise.all(wanted.map((each) => answerFor(each, searches, shipping, hints, tools.index)));
  } finally {
    await database.close();
  }
}

async function searchByBuildIdAndHints(
  searches: readonly Search[],
  hints: SymbolHints,
  tools: SearchTools,
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

type Shipping = ReadonlyMap<Search, readonly string[]>;

async function searchByContents(
  searches: readonly Search[],
  hints: SymbolHints,
  release: OpenRelease,
  tools: SearchTools,
): Promise<Shipping> {
  const shipping = new Map<Search, readonly string[]>();
  const open = searches.filter((search) => search.part === "executable" && search.found === null);
  if (open.length === 0) return shipping;
  await release.updateContents(tools.signal);
  const lists = await fetchedLists(release.root, "contents", tools.signal);
  const folder = join(release.root.folder, "index");
  const contents = await openIndex<ContentsSchema>(folder, contentsIndexRecipe, lists, tools.signal);
  try {
    for (const search of open) {
      const names = await packagesShipping(contents, search.module.path);
      shipping.set(search, names);
      search.queue.push(...(await shippingPackages(tools.index, names, search.buildId, hints)));
    }
  } finally {
    await contents.close();
  }
  await runSearches(open, tools);
  return shipping;
}

async function searchDebugByName(searches: readonly Search[], hints: SymbolHints, tools: SearchTools): Promise<void> {
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
  { store, index }: SearchTools,
): Promise<readonly NamedVersion[]> {
  const stored = await store.lookup(search.buildId, "executable");
  const [name, version] = stored?.provenance.package?.split("=") ?? [];
  if (name !== undefined && version !== undefined) return [{ name, version }];
  const listed: NamedVersion[] = [];
  for (const hint of likelyHints(search.module, hints)) listed.push(...(await exactVersion(index, hint)));
  return listed;
}

async function answerFor(
  wanted: WantedModule,
  searches: readonly Search[],
  shipping: Shipping,
  hints: SymbolHints,
  index: PackageIndex,
): Promise<SourceAnswer> {
  const own = searches.filter((search) => search.module === wanted.module);
  const executable = own.find((search) => search.part === "executable");
  const debug = own.find((search) => search.part === "debug");
  const absence = async (): Promise<Absence | null> => {
    if (executable?.found === null) {
      return missingExecutable(executable, shipping.get(executable) ?? [], hints, index);
    }
    return debug?.found === null ? missingDebug(debug) : null;
  };
  return {
    buildId: wanted.module.buildId ?? "",
    executable: executable?.found?.provenance ?? null,
    debug: debug?.found?.provenance ?? null,
    absence: await absence(),
  };
}
