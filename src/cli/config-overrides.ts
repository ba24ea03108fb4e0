import { resolve } from "node:path";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";

/** What a command line may say instead of the configuration; paths as they were typed. */
export type Overrides = {
  readonly config?: string | undefined;
  /** Folder with one folder of package sources per release, or `system`. */
  readonly releases?: string | undefined;
  readonly cache?: string | undefined;
  readonly lock?: string | undefined;
  readonly jobs?: number | undefined;
  readonly duplicateDb?: string | undefined;
  /** Launchpad's credentials file. */
  readonly auth?: string | undefined;
  /** Launchpad's distribution or project, whichever is configured. */
  readonly crashDb?: string | undefined;
  /** False takes the place of symbols.source_lines; true, which commander gives when nothing was said, does not. */
  readonly stacktraceSource?: boolean | undefined;
};

/** The configuration with what the command line says instead of it. */
export function configWith(overrides: Overrides): Config {
  const { config: file, releases, cache, lock, jobs, duplicateDb, stacktraceSource } = overrides;
  const config = loadConfig(file);
  return {
    ...config,
    ...(releases === undefined ? {} : { releases: releases === "system" ? releases : resolve(releases) }),
    ...(cache === undefined ? {} : { cache_dir: resolve(cache) }),
    ...(stacktraceSource === false ? { symbols: { ...config.symbols, source_lines: false } } : {}),
    tracker: trackerWith(config.tracker, overrides),
    batch: {
      ...config.batch,
      ...(lock === undefined ? {} : { lock: resolve(lock) }),
      ...(jobs === undefined ? {} : { jobs }),
    },
    ...(duplicateDb === undefined ? {} : { duplicates: { ...config.duplicates, database: resolve(duplicateDb) } }),
  };
}

function trackerWith(tracker: Config["tracker"], { auth, crashDb }: Overrides): Config["tracker"] {
  if (tracker.type === "local") return tracker;
  const named = tracker.project === undefined ? { distribution: crashDb } : { project: crashDb };
  return {
    ...tracker,
    ...(auth === undefined ? {} : { credentials: resolve(auth) }),
    ...(crashDb === undefined ? {} : named),
  };
}
