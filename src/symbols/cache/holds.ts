import type { Transaction } from "kysely";
import type { Database } from "../../database/open-database.ts";
import type { Clock } from "../../system/clock.ts";
import type { CacheSchema } from "./cache-database.ts";
import { isAbandoned, ownerName } from "./owner.ts";

// File systems round times down (to a second, some to two), and the kernel's own are some milliseconds old.
const roundingMs = 2500;

/** What this process holds, and the uses that it notes. */
export type Holds = {
  /** Begins a hold; its number. */
  begin(): Promise<number>;
  end(id: number): Promise<void>;
  /** The time to note for a use: never before a hold of ours began, even if the clock is set back meanwhile. */
  useTime(): number;
};

/** The holds of this process in the cache's database. */
export function holdsOf(database: Database<CacheSchema>, clock: Clock): Holds {
  let latest = 0;
  const owner = ownerName();
  return {
    begin: () =>
      database.transaction(async (transaction) => {
        const since = clock.now().getTime();
        latest = Math.max(latest, since);
        const { id } = await transaction
          .insertInto("holds")
          .values({ owner, since } as CacheSchema["holds"])
          .returning("id")
          .executeTakeFirstOrThrow();
        return id;
      }),
    end: async (id) => {
      await database.kysely.deleteFrom("holds").where("id", "=", id).execute();
    },
    useTime: () => Math.max(latest, clock.now().getTime()),
  };
}

/**
 * The time since which everything that was used has to stay, for the holds of living processes; those of dead
 * ones are forgotten. Infinite without a hold.
 */
export async function horizonOf(transaction: Transaction<CacheSchema>, clock: Clock): Promise<number> {
  const now = clock.now().getTime();
  let horizon = Number.POSITIVE_INFINITY;
  for (const { id, owner, since } of await transaction.selectFrom("holds").selectAll().execute()) {
    if (isAbandoned(owner, now - since)) await transaction.deleteFrom("holds").where("id", "=", id).execute();
    else horizon = Math.min(horizon, since - roundingMs);
  }
  return horizon;
}
