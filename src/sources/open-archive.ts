import { type AptRoot, openAptRoot, rootName } from "../symbols/archive/apt-root.ts";
import { findRelease, type ReleaseSources, type Releases } from "../symbols/archive/releases.ts";
import { type SharedWork, sharedWork } from "../symbols/archive/shared-work.ts";
import { updateLists } from "../symbols/archive/update.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import type { SymbolHints } from "../symbols/types.ts";
import type { Log } from "../system/log.ts";

export type SourcesOptions = {
  readonly cache: SymbolCache;
  readonly releases: Releases;
  /** Deadline of one update and of one download, milliseconds. */
  readonly timeoutMs: number;
  readonly log: Log;
};

/** A release's archive, as far as source packages are concerned. */
export type SourceArchive = {
  readonly name: string;
  readonly sources: ReleaseSources;
  /** The private apt root; it is made when somebody first needs it. */
  readonly root: (signal: AbortSignal) => Promise<AptRoot>;
  /** Updates the lists of source packages, unless that was done for this very retrace. */
  readonly freshSources: SharedWork;
  readonly updateSources: SharedWork;
};

/** Finds the archive of a report's release for one retrace; text is the reason why there is none. */
export function sourceArchives({ cache, releases, timeoutMs, log }: SourcesOptions) {
  const updates = new Map<string, SharedWork>();
  const open = (sources: ReleaseSources): SourceArchive => {
    const name = rootName(sources);
    const root = (signal: AbortSignal): Promise<AptRoot> => openAptRoot(cache.aptFolder, sources, signal);
    const update = sharedWork(async (signal) => updateLists(await root(signal), "sources", { timeoutMs, log }, signal));
    const updateSources = updates.get(name) ?? update;
    updates.set(name, updateSources);
    let fresh: Promise<void> | null = null;
    const freshSources: SharedWork = (signal) => {
      fresh ??= updateSources(signal);
      return fresh;
    };
    return { name, sources, root, freshSources, updateSources };
  };
  return async ({ release, architecture }: SymbolHints): Promise<SourceArchive | string> => {
    const lookup = await findRelease(releases, release, architecture);
    return lookup.kind === "configured" ? open(lookup.sources) : lookup.reason;
  };
}
