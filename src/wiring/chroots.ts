import { join } from "node:path";
import { type Chroots, createChroots } from "../chroots/chroots.ts";
import { createInstalledSource } from "../chroots/installed-source.ts";
import { wantsChroot } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import type { RetraceServices } from "../retrace/types.ts";
import type { Archive } from "../symbols/archive/archive.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import type { SymbolSource } from "../symbols/types.ts";
import { systemClock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import { nativeArchitecture } from "./open.ts";

/** Folder of the chroots. */
export function chrootsFolder(config: Config): string {
  return join(config.cache_dir, "chroots");
}

/** Whether the crashes of a release and architecture are: those that are not this machine's are never. */
async function isChroot(config: Config, release: string | null, architecture: string): Promise<boolean> {
  return release !== null && wantsChroot(config, release) && architecture === (await nativeArchitecture());
}

type Surroundings = { readonly cache: SymbolCache; readonly archive: Archive; readonly log: Log };

/** The chroots of the configured releases. */
export function chrootsOf(config: Config, { cache, archive, log }: Surroundings): Chroots {
  return createChroots({
    folder: chrootsFolder(config),
    archive,
    cache,
    timeoutMs: config.symbols.apt_timeout_s * 1000,
    nativeArchitecture,
    clock: systemClock,
    log,
  });
}

/** What a retrace has of them: a source of symbols, and the systems whose gdb reads the cores. */
export function chrootServices(
  config: Config,
  surroundings: Surroundings,
): { readonly source: SymbolSource; readonly openSystem: RetraceServices["openSystem"] } {
  const chroots = chrootsOf(config, surroundings);
  const { cache, log } = surroundings;
  return {
    source: createInstalledSource({
      chroots,
      cache,
      isChroot: (release, architecture) => isChroot(config, release, architecture),
      timeoutMs: config.symbols.apt_timeout_s * 1000,
      log,
    }),
    openSystem: async ({ release, architecture }, signal) => {
      if (release === null || !(await isChroot(config, release, architecture))) return null;
      return await chroots.use(release, architecture, signal);
    },
  };
}
