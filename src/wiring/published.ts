import type { Config } from "../config/schema.ts";
import type { Archive } from "../symbols/archive/archive.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import { createPublished } from "../symbols/published/published.ts";
import type { SymbolSource } from "../symbols/types.ts";
import type { Log } from "../system/log.ts";
import { launchpadBinaries } from "../tracker/launchpad/published-binaries.ts";
import { clientFor } from "./launchpad-client.ts";

type Surroundings = {
  readonly cache: SymbolCache;
  readonly archive: Archive;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/**
 * The packages that a distribution has ever published, from Launchpad. Everybody may read them, so that nobody's token
 * is used: a retrace by hand works without one, and so does another tracker.
 *
 * @throws ServiceFailure when the configured address cannot be used
 */
export function publishedOnLaunchpad(config: Config, { cache, archive, log, signal }: Surroundings): SymbolSource {
  const { tracker, symbols } = config;
  const client = clientFor(symbols.launchpad_api, null, { log, signal });
  const distribution = tracker.type === "launchpad" ? tracker.distribution : undefined;
  // Where the archive is no part of the ladder, its lists are as old as they may be.
  const hasLists = symbols.sources.includes("archive");
  return createPublished({
    binaries: launchpadBinaries(client, distribution ?? "ubuntu"),
    cache,
    view: async ({ release, architecture }, stop) =>
      hasLists ? await archive.view(release, architecture, stop) : null,
    log,
  });
}
