import type { Log } from "../../system/log.ts";
import type { ArchiveView } from "../archive/archive-view.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import { isBuildId } from "../module-path.ts";
import type { SymbolHints, SymbolSource } from "../types.ts";
import { candidateMemory } from "./candidate-memory.ts";
import { openDesk } from "./desk.ts";
import { publishedPackages } from "./fetch-package.ts";
import { type Lists, plainHints } from "./guesses.ts";
import { searchPublished } from "./search-published.ts";
import type { PublishedBinaries } from "./types.ts";

export type PublishedOptions = {
  readonly binaries: PublishedBinaries;
  readonly cache: SymbolCache;
  /** The archive's present lists, which tell the package that ships a path; null where there are none. */
  readonly view: (hints: SymbolHints, signal: AbortSignal) => Promise<ArchiveView | null>;
  readonly log: Log;
};

/**
 * Packages at the very versions that a report names, though they have left the archive: from a service that keeps
 * everything that was ever published. Whatever it sends is compared with its sha256, and then with the build-ids.
 */
export function createPublished({ binaries, cache, view, log }: PublishedOptions): SymbolSource {
  const packages = publishedPackages(binaries, cache);
  return {
    name: binaries.name,
    async find(wanted, reported, signal) {
      const hints = plainHints(reported);
      const { release, architecture } = hints;
      const asked = wanted.filter(({ module }) => module.buildId !== null && isBuildId(module.buildId));
      if (release === null || !binaries.serves(release) || asked.length === 0 || hints.packages.length === 0) return [];
      const root = JSON.stringify([binaries.identity, release, architecture]);
      await using lists = (await view(hints, signal)) ?? nobodys;
      return await searchPublished(asked, hints, {
        desk: openDesk(binaries, packages, { release, architecture }),
        memory: candidateMemory(cache.absences, root),
        lists,
        tools: { source: binaries.name, cache, log, signal },
      });
    },
  };
}

const nobodys: Lists & AsyncDisposable = {
  shipping: async () => [],
  has: async () => false,
  [Symbol.asyncDispose]: async () => {},
};
