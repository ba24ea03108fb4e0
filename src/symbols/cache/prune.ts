import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../../database/open-database.ts";
import type { Clock } from "../../system/clock.ts";
import { asServiceFailure } from "../store/write-failure.ts";
import type { CacheSchema } from "./cache-database.ts";
import { type CacheEntry, cacheEntries, changeTime, ignoreMissing } from "./entries.ts";
import { horizonOf } from "./holds.ts";
import { asideName } from "./owner.ts";
import { sweep } from "./sweep.ts";

/** A cache that is worked on: where it is, and what is remembered of it. */
export type OpenCache = {
  readonly folder: string;
  readonly database: Database<CacheSchema>;
  readonly clock: Clock;
};

export type Pruned = {
  readonly removed: readonly CacheEntry[];
  readonly bytesBefore: number;
  /** May be above the limit: what somebody uses at the moment stays. */
  readonly bytesAfter: number;
  /** Half-made things of processes that were killed. */
  readonly swept: number;
};

// Whoever wants to begin a hold waits while these are moved away.
const atATime = 500;

/**
 * Removes what was not used for longest until no more than `maxBytes` are left, and what killed processes left
 * behind. What somebody holds stays. Several processes may do it at once.
 *
 * @throws ServiceFailure when the folders cannot be read or written
 */
export async function prune(cache: OpenCache, maxBytes: number): Promise<Pruned> {
  try {
    const entries = await oldestFirst(cache, await cacheEntries(cache.folder));
    const bytesBefore = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    const removed: CacheEntry[] = [];
    let bytesAfter = bytesBefore;
    for (let from = 0; from < entries.length && bytesAfter > maxBytes; from += atATime) {
      const evicted = await evict(cache, entries.slice(from, from + atATime), bytesAfter - maxBytes);
      // The oldest first: if none of these may go, none of those after them may.
      if (evicted.length === 0) break;
      removed.push(...evicted);
      bytesAfter -= evicted.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    }
    await forgetUses(cache);
    return { removed, bytesBefore, bytesAfter, swept: await sweep(cache.folder, cache.clock) };
  } catch (error) {
    throw asServiceFailure(error, `The cache ${cache.folder} cannot be pruned`);
  }
}

async function oldestFirst(cache: OpenCache, entries: readonly CacheEntry[]): Promise<readonly CacheEntry[]> {
  const rows = await cache.database.kysely.selectFrom("uses").selectAll().execute();
  const uses = new Map(rows.map((row) => [row.name, row.used_at]));
  const lastUse = (entry: CacheEntry): number => Math.max(uses.get(entry.name) ?? 0, entry.changedAt);
  return entries.toSorted((one, other) => lastUse(one) - lastUse(other));
}

// In one transaction: nobody can begin a hold, or note a use, between our look at them and the moving away. A
// renamed folder is gone at once and as a whole; removing it may then take its time.
async function evict(
  cache: OpenCache,
  candidates: readonly CacheEntry[],
  tooManyBytes: number,
): Promise<readonly CacheEntry[]> {
  const moved = new Map<CacheEntry, string>();
  await cache.database.transaction(async (transaction) => {
    const horizon = await horizonOf(transaction, cache.clock);
    const names = candidates.map(({ name }) => name);
    const rows = await transaction.selectFrom("uses").selectAll().where("name", "in", names).execute();
    const uses = new Map(rows.map((row) => [row.name, row.used_at]));
    let freedBytes = 0;
    for (const entry of candidates) {
      if (freedBytes >= tooManyBytes) return;
      const changedAt = await changeTime(join(cache.folder, entry.name));
      if (changedAt === null || Math.max(uses.get(entry.name) ?? 0, changedAt) >= horizon) continue;
      const aside = join(cache.folder, "symbols", "incoming", asideName());
      if (!(await moveAway(join(cache.folder, entry.name), aside))) continue;
      moved.set(entry, aside);
      freedBytes += entry.sizeBytes;
    }
  });
  for (const aside of moved.values()) await rm(aside, { recursive: true, force: true });
  return [...moved.keys()];
}

async function moveAway(path: string, aside: string): Promise<boolean> {
  try {
    await rename(path, aside);
    return true;
  } catch (error) {
    ignoreMissing(error as NodeJS.ErrnoException);
    return false;
  }
}

async function forgetUses({ folder, database }: OpenCache): Promise<void> {
  for (const { name } of await database.kysely.selectFrom("uses").select("name").execute()) {
    if ((await changeTime(join(folder, name))) !== null) continue;
    await database.kysely.deleteFrom("uses").where("name", "=", name).execute();
  }
}
