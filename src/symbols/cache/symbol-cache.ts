import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Clock } from "../../system/clock.ts";
import { openSymbolStore, type SymbolStore } from "../store/symbol-store.ts";
import { type Absences, absencesOf } from "./absences.ts";
import { openCacheDatabase } from "./cache-database.ts";
import { holdsOf } from "./holds.ts";
import { type OpenCache, type Pruned, prune } from "./prune.ts";

export type SymbolCacheOptions = {
  /** `cache_dir`: `symbols/`, `apt/` and `cache.db` are in it. */
  readonly folder: string;
  /** Of files and packages together. */
  readonly maxBytes: number;
  /** How long it is believed that an archive lacks something. */
  readonly negativeTtlMs: number;
  readonly clock: Clock;
};

/** Everything that can be fetched again, and what is known about its use. */
export type SymbolCache = AsyncDisposable &
  OpenCache & {
    readonly store: SymbolStore;
    readonly absences: Absences;
    readonly maxBytes: number;
    /** Folder of the private apt roots. */
    readonly aptFolder: string;
    /**
     * From now on nothing that is used goes away, in whichever process, until this is disposed of. If something
     * was added meanwhile, the size limit is then enforced.
     */
    hold(): Promise<AsyncDisposable>;
    /** Notes that these files are used now, those that are there. Before looking at them, or they may just go. */
    touch(paths: readonly string[]): Promise<void>;
    /** Notes that something was added. */
    grew(): void;
    prune(maxBytes: number): Promise<Pruned>;
  };

/** Rows of one statement. */
const atATime = 500;

/**
 * Opens the cache, making it if need be. Safe for several processes at once.
 *
 * @throws ServiceFailure when it cannot be made, or its database is damaged
 */
export async function openSymbolCache(options: SymbolCacheOptions): Promise<SymbolCache> {
  const { folder, maxBytes, clock } = options;
  const store = await openSymbolStore(join(folder, "symbols"));
  const database = await openCacheDatabase(join(folder, "cache.db"));
  const absences = absencesOf(database, options.negativeTtlMs, clock);
  const holds = holdsOf(database, clock);
  const cache: OpenCache = { folder, database, clock };
  let isGrown = false;
  const enforceLimit = async (limit: number): Promise<Pruned> => {
    const pruned = await prune(cache, limit);
    await absences.tidy();
    return pruned;
  };
  return {
    ...cache,
    absences,
    maxBytes,
    aptFolder: join(folder, "apt"),
    store: {
      ...store,
      add: async (...file) => {
        isGrown = true;
        return await store.add(...file);
      },
      addIndex: async (...index) => {
        isGrown = true;
        return await store.addIndex(...index);
      },
    },
    hold: async () => {
      const id = await holds.begin();
      const end = async (): Promise<void> => {
        await holds.end(id);
        // Other retraces of this process may hold what should go: then the last of them sees to it.
        if (isGrown) isGrown = (await enforceLimit(maxBytes)).bytesAfter > maxBytes;
      };
      return { [Symbol.asyncDispose]: end };
    },
    touch: async (paths) => {
      const usedAt = holds.useTime();
      await database.transaction(async (transaction) => {
        const names = paths.filter((path) => existsSync(path)).map((path) => relative(folder, path));
        for (let from = 0; from < names.length; from += atATime) {
          const rows = names.slice(from, from + atATime).map((name) => ({ name, used_at: usedAt }));
          await transaction.replaceInto("uses").values(rows).execute();
        }
      });
    },
    grew: () => {
      isGrown = true;
    },
    prune: enforceLimit,
    [Symbol.asyncDispose]: () => database.close(),
  };
}
