import { sql } from "kysely";
import type { Database } from "../../database/open-database.ts";
import { storedRows } from "./stored-rows.ts";
import type { Tables } from "./tables.ts";

export type OutageRecords = {
  /** Notes that something is away. @returns since when it has been, maybe by an earlier batch. */
  noteOutage(name: string, now: Date): Promise<Date>;
  endOutage(name: string): Promise<void>;
  /** Since when it has been away (ISO 8601, UTC); null when it is not. */
  outageSince(name: string): Promise<string | null>;
};

/** What has been away, and since when: longer than one batch remembers. */
export function outageRecords({ kysely }: Database<Tables>): OutageRecords {
  const outageSince = async (name: string): Promise<string | null> => {
    const rows = await kysely.selectFrom("outages").select("since").where("name", "=", name).execute();
    return storedRows("outages", rows)[0]?.since ?? null;
  };
  return {
    async noteOutage(name, now) {
      const first = { name, since: now.toISOString() };
      // What is noted as later than now was noted by a clock that was wrong.
      const earlier = { since: sql<string>`min(since, ${first.since})` };
      await kysely
        .insertInto("outages")
        .values(first)
        .onConflict((conflict) => conflict.column("name").doUpdateSet(earlier))
        .execute();
      return new Date((await outageSince(name)) ?? first.since);
    },
    async endOutage(name) {
      await kysely.deleteFrom("outages").where("name", "=", name).execute();
    },
    outageSince,
  };
}
