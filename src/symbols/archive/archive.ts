import type { Log } from "../../system/log.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import { isBuildId } from "../module-path.ts";
import type { Absence, SourceAnswer, SymbolHints, SymbolSource, WantedModule } from "../types.ts";
import { openAptRoot } from "./apt-root.ts";
import { archiveMemory } from "./archive-memory.ts";
import { type ArchiveView, archiveView } from "./archive-view.ts";
import { findInRelease } from "./find-in-release.ts";
import { listedBuildIds } from "./listed-build-ids.ts";
import { NoPackageLists } from "./open-packages.ts";
import { type OpenRelease, openRelease } from "./open-release.ts";
import { findRelease, type ReleaseSources, type Releases } from "./releases.ts";

export type ArchiveOptions = {
  readonly cache: SymbolCache;
  readonly releases: Releases;
  /** Deadline of one update and of one download, milliseconds. */
  readonly timeoutMs: number;
  /** This machine's architecture: that there are no packages for it is a fault of the sources. */
  readonly nativeArchitecture: () => Promise<string>;
  readonly log: Log;
};

/** Whether package sources are configured for a release and architecture, and if not, why (one sentence). */
type ReleaseConfigured = { readonly configured: true } | { readonly configured: false; readonly reason: string };

/** The distribution's package archives, through apt. */
export type Archive = SymbolSource & {
  /** For the batch, which leaves a report alone when its release has no configuration. Hostile text is welcome. */
  releaseConfigured(release: string | null, architecture: string): Promise<ReleaseConfigured>;
  /**
   * Which of these build-ids the release's packages list now, after an update: what was parked on one of them
   * is worth another try. None of a release that is not configured. Costs one update, however many are asked.
   *
   * @throws ServiceFailure like `find`
   */
  buildIdsKnown(
    release: string | null,
    architecture: string,
    buildIds: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>>;
  /**
   * The release's lists as `find` left them, for another source that comes after it; null where there are none.
   *
   * @throws ServiceFailure when they cannot be read
   */
  view(release: string | null, architecture: string, signal: AbortSignal): Promise<ArchiveView | null>;
  /** The release's private apt, for who installs its packages; null: it is not configured. Fetches nothing. */
  apt(release: string | null, architecture: string, signal: AbortSignal): Promise<OpenRelease | null>;
};

/**
 * The archive as a source of symbols. Each `find` that has something to ask updates the package lists
 * first; finds that run at the same time share an update that began after they asked. What was found missing
 * by these very lists a short while ago is no question: nothing is asked then, not even by an update.
 */
export function createArchive(options: ArchiveOptions): Archive {
  const openReleases = new Map<string, OpenRelease>();
  const open = async (sources: ReleaseSources, signal: AbortSignal): Promise<OpenRelease> => {
    const root = await openAptRoot(options.cache.aptFolder, sources, signal);
    const release = openReleases.get(root.folder) ?? openRelease(root, options);
    openReleases.set(root.folder, release);
    return release;
  };
  return {
    name: "archive",
    async releaseConfigured(release, architecture) {
      const lookup = await findRelease(options.releases, release, architecture);
      if (lookup.kind === "configured") return { configured: true };
      return { configured: false, reason: lookup.reason };
    },
    async find(wanted, hints, signal) {
      const asked = wanted.filter(({ module }) => module.buildId !== null && isBuildId(module.buildId));
      if (asked.length === 0) return [];
      const lookup = await findRelease(options.releases, hints.release, hints.architecture);
      if (lookup.kind === "not-configured") return notConfigured(asked, lookup.reason);
      const question = { wanted: asked, hints: plainHints(hints) };
      const memory = archiveMemory(options.cache, lookup.sources);
      const known = await memory.recall(question);
      if (known.size === asked.length) return [...known.values()];
      const release = await open(lookup.sources, signal);
      const found = await unlessForeign(hints.architecture, options, () =>
        findInRelease(release, question, memory, options, signal),
      );
      return found ?? notConfigured(asked, `the release's package sources have nothing for ${hints.architecture}`);
    },
    async buildIdsKnown(release, architecture, buildIds, signal) {
      const asked = [...new Set(buildIds.filter(isBuildId))];
      const lookup = await findRelease(options.releases, release, architecture);
      if (asked.length === 0 || lookup.kind === "not-configured") return new Set();
      const sources = await open(lookup.sources, signal);
      return (await unlessForeign(architecture, options, () => listedBuildIds(sources, asked, signal))) ?? new Set();
    },
    async view(release, architecture, signal) {
      const lookup = await findRelease(options.releases, release, architecture);
      if (lookup.kind === "not-configured") return null;
      return await archiveView(await open(lookup.sources, signal), signal);
    },
    async apt(release, architecture, signal) {
      const lookup = await findRelease(options.releases, release, architecture);
      return lookup.kind === "not-configured" ? null : await open(lookup.sources, signal);
    },
  };
}

// Anybody can submit a core of a machine that this release was never made for. That must not stop a batch.
async function unlessForeign<T>(
  architecture: string,
  { nativeArchitecture }: ArchiveOptions,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof NoPackageLists) || architecture === (await nativeArchitecture())) throw error;
    return null;
  }
}

// A report may name as many packages as it likes.
const maxHints = 5000;

function plainHints(hints: SymbolHints): SymbolHints {
  return { ...hints, packages: hints.packages.slice(0, maxHints) };
}

function notConfigured(wanted: readonly WantedModule[], reason: string): readonly SourceAnswer[] {
  const absence: Absence = { status: "not-packaged", reason, versionWanted: null, versionsAvailable: [] };
  return wanted.map(({ module }) => ({ buildId: module.buildId ?? "", executable: null, debug: null, absence }));
}
