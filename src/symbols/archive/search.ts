import { posix } from "node:path";
import type { CoreModule } from "../../core/types.ts";
import type { Log } from "../../system/log.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import { buildIdDebugPath, debugFilePlaces, isBuildId, isPlainPath, pathSpellings } from "../module-path.ts";
import { rememberSource } from "../store/source-of.ts";
import { buildIdFolder } from "../store/stored-file.ts";
import type { SymbolStore } from "../store/symbol-store.ts";
import type { FileKind, StoredFile } from "../store/types.ts";
import type { SymbolPart, WantedModule } from "../types.ts";
import { extractWishes, type Wish } from "./extract.ts";
import type { PackageCache } from "./package-cache.ts";
import type { ListedPackage } from "./package-index.ts";

/** The hunt for one part of one module. Changes as packages are tried. */
export type Search = {
  readonly module: CoreModule;
  readonly buildId: string;
  readonly part: SymbolPart;
  /** Packages to try, best first. */
  readonly queue: ListedPackage[];
  /** Packages that were tried, by sha256. */
  readonly tried: Map<string, ListedPackage>;
  /** Packages that had a file at the module's path, but another one. */
  readonly others: ListedPackage[];
  found: StoredFile | null;
};

/** What the searches of one retrace share. */
export type SearchTools = {
  /** Name of the source that searches, for the record of what it finds. */
  readonly source: string;
  readonly packages: PackageCache;
  /** Other packages that may hold the shared (dwz) part of a debug package's files, best first. */
  readonly besides: (debug: ListedPackage, sharedBuildId: string) => Promise<readonly ListedPackage[]>;
  readonly cache: Pick<SymbolCache, "store" | "touch">;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/** One search for each part that is wanted of a module. */
export function searchesFor(wanted: WantedModule): readonly Search[] {
  const { module, needs } = wanted;
  const { buildId } = module;
  if (buildId === null) return [];
  const blank = () => ({ queue: [], tried: new Map(), others: [], found: null });
  return needs.map((part) => ({ module, buildId, part, ...blank() }));
}

// No search has more candidates than this; see candidates.ts for how few there are.
const maxRounds = 12;

/**
 * Tries the queued candidates of all searches, the best of each first. In each round a package is fetched
 * and opened once, for all the searches that want something of it.
 *
 * @throws ServiceFailure when a package that the archive lists cannot be had or read
 */
export async function runSearches(searches: readonly Search[], tools: SearchTools): Promise<void> {
  for (let round = 1; round <= maxRounds; round += 1) {
    const wanted = nextPackages(searches);
    if (wanted.size === 0) return;
    const packages = [...wanted.keys()];
    for (const each of packages) tools.log.detail("fetching package", { package: `${each.name}=${each.version}` });
    const files = await tools.packages.fetch(packages, tools.signal);
    for (const [candidate, waiting] of wanted) {
      await tryPackage(candidate, files.get(candidate.sha256) ?? "", waiting, tools);
    }
  }
}

function nextPackages(searches: readonly Search[]): Map<ListedPackage, Search[]> {
  const bySha256 = new Map<string, ListedPackage>();
  const wanted = new Map<ListedPackage, Search[]>();
  for (const search of searches) {
    const next = search.found === null ? nextUntried(search) : null;
    if (next === null) continue;
    const shared = bySha256.get(next.sha256) ?? next;
    bySha256.set(next.sha256, shared);
    search.tried.set(shared.sha256, shared);
    wanted.set(shared, [...(wanted.get(shared) ?? []), search]);
  }
  return wanted;
}

function nextUntried(search: Search): ListedPackage | null {
  for (let next = search.queue.shift(); next !== undefined; next = search.queue.shift()) {
    if (!search.tried.has(next.sha256)) return next;
  }
  return null;
}

async function tryPackage(
  candidate: ListedPackage,
  file: string,
  searches: readonly Search[],
  tools: SearchTools,
): Promise<void> {
  const foundDebug: { readonly search: Search; readonly place: string }[] = [];
  const wishes = samePlaces(searches).map((group) => {
    const onFound = (search: Search, place: string): void => {
      if (search.part === "debug") foundDebug.push({ search, place });
    };
    return wishFor(group, candidate, tools, onFound);
  });
  await extractWishes(file, wishes, tools.signal);
  for (const { search, place } of foundDebug) await fetchShared(search, place, candidate, file, tools);
}

// Two modules of one core may have the same path: the file was replaced while the process ran, and it loaded both.
// A member of a package can be read once, so they wish for it together.
function samePlaces(searches: readonly Search[]): readonly (readonly Search[])[] {
  const groups = Map.groupBy(
    searches,
    ({ part, module }) => `${part} ${pathSpellings(module.path).toSorted().join(" ")}`,
  );
  return [...groups.values()];
}

function wishFor(
  group: readonly Search[],
  candidate: ListedPackage,
  { source, cache: { store }, log }: SearchTools,
  onFound: (search: Search, place: string) => void,
): Wish {
  const origin = originOf(source, candidate);
  const open = new Map(group.map((search) => [search.buildId, search]));
  const part = group[0]?.part ?? "executable";
  return {
    places: [...new Set(group.flatMap(placesOf))],
    take: async (content, place) => {
      const result = await store.add(part, [...open.keys()], content, origin);
      if (!result.ok) {
        for (const search of open.values()) search.others.push(candidate);
        log.detail("file refused", { package: origin.package, path: place, reason: result.refusal.message });
        return false;
      }
      const search = open.get(result.file.elf.buildId ?? "");
      if (search === undefined) return false;
      search.found = result.file;
      if (candidate.source !== "") {
        await rememberSource(store.folder, search.buildId, {
          name: candidate.source,
          version: candidate.sourceVersion,
        });
      }
      open.delete(search.buildId);
      onFound(search, place);
      return open.size === 0;
    },
  };
}

function placesOf({ part, module, buildId }: Search): readonly string[] {
  if (part === "debug") return debugFilePlaces(module.path, buildId, null);
  return pathSpellings(module.path).map((path) => path.slice(1));
}

function originOf(source: string, candidate: ListedPackage) {
  return { source, package: `${candidate.name}=${candidate.version}` };
}

// dwz moves what several debug files have in common into one file, which may be in another debug package of
// the same source. Its name is absolute, or relative to the debug file that names it.
async function fetchShared(
  search: Search,
  place: string,
  candidate: ListedPackage,
  file: string,
  tools: SearchTools,
): Promise<void> {
  const link = search.found?.elf.debugAltLink ?? null;
  if (link === null) return;
  const { store, touch } = tools.cache;
  const wish = sharedWish(link, place, store, tools.source);
  if (isBuildId(link.buildId)) await touch([buildIdFolder(store.folder, link.buildId)]);
  const isThere = async (): Promise<boolean> => (await store.lookup(link.buildId, "dwz")) !== null;
  if (await isThere()) return;
  await extractWishes(file, [wish(candidate)], tools.signal);
  for (const other of await tools.besides(candidate, link.buildId)) {
    if (await isThere()) return;
    const files = await tools.packages.fetch([other], tools.signal);
    await extractWishes(files.get(other.sha256) ?? "", [wish(other)], tools.signal);
  }
}

function sharedWish(
  link: { readonly name: string; readonly buildId: string },
  place: string,
  store: SymbolStore,
  source: string,
) {
  const named = posix.resolve(posix.dirname(`/${place}`), link.name);
  const places = [...(isPlainPath(named) ? [named.slice(1)] : []), buildIdDebugPath(link.buildId)];
  const kind: FileKind = "dwz";
  return (candidate: ListedPackage): Wish => ({
    places,
    take: async (content) => (await store.add(kind, link.buildId, content, originOf(source, candidate))).ok,
  });
}
