import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";

/** Where everything lies, with the configuration's defaults resolved. */
export function pathsOf(config: Config) {
  return {
    lock: config.batch.lock ?? join(config.state_dir, "batch.lock"),
    state: join(config.state_dir, "state.db"),
    duplicates: config.duplicates.database ?? join(config.state_dir, "duplicates.db"),
    /** Of a lock that cannot be used; not beside it, where nothing may be written either. */
    told: join(config.cache_dir, "lock-failure.told"),
    /** Of the local tracker; another one has no folder here. */
    tracker: (config.tracker.type === "local" ? config.tracker.dir : undefined) ?? join(config.state_dir, "tracker"),
    /** Of the databases. */
    backups: config.backup.dir ?? join(config.state_dir, "backups"),
    symbols: join(config.cache_dir, "symbols"),
    /** What batches have seen of Launchpad's bugs that others are duplicates of. */
    masters: join(config.cache_dir, "launchpad", "masters.json"),
    /** Of dry runs, one file a crash. */
    plans: join(config.state_dir, "plans"),
    // Beside the symbols, on the same file system: a sysroot is made of hard links to them.
    work: join(config.cache_dir, "work"),
  } as const;
}

/** How many cores gdb reads at a time; one crash more is being fetched meanwhile. */
export function jobsOf(config: Config): number {
  return config.batch.jobs ?? availableParallelism();
}
