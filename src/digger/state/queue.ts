import { type Kysely, sql } from "kysely";
import type { Database } from "../../database/open-database.ts";
import type { CrashId } from "../../tracker/types.ts";
import { storedRows } from "./stored-rows.ts";
import type { Tables } from "./tables.ts";

/** Crashes that a batch saw as due and that have had no verdict since. */
export type Queue = {
  readonly crashes: number;
  /** Since when batches have seen the one that waits for longest (ISO 8601, UTC); null when none waits. */
  readonly oldestSince: string | null;
};

export type QueueRecords = {
  /**
   * Notes which crashes are due, as the tracker says now. Known ones keep their time.
   *
   * @param isWhole false when only some kinds were asked for: then the others stay in the queue.
   */
  noteQueue(crashes: readonly CrashId[], isWhole: boolean, now: Date): Promise<void>;
  queue(): Promise<Queue>;
};

/** The work list as the batches saw it: how long it is, and since when, without asking the tracker. */
export function queueRecords({ kysely, transaction }: Database<Tables>): QueueRecords {
  return {
    noteQueue: (crashes, isWhole, now) =>
      transaction(async (inside) => {
        // One statement each, whatever the number: a work list may be as long as the tracker.
        const listed = sql`SELECT value FROM json_each(${JSON.stringify(crashes)})`;
        if (isWhole) await sql`DELETE FROM queue WHERE crash_id NOT IN (${listed})`.execute(inside);
        await sql`INSERT OR IGNORE INTO queue (crash_id, since)
          SELECT value, ${now.toISOString()} FROM json_each(${JSON.stringify(crashes)})`.execute(inside);
      }),
    async queue() {
      const counted = kysely
        .selectFrom("queue")
        .select([sql<number>`count(*)`.as("crashes"), sql<string | null>`min(since)`.as("since")]);
      const [row] = storedRows("queue", await counted.execute());
      return { crashes: row?.crashes ?? 0, oldestSince: row?.since ?? null };
    },
  };
}

/** A crash has its verdict; a part of somebody's transaction. */
export async function leaveQueue(transaction: Kysely<Tables>, crash: CrashId): Promise<void> {
  await transaction.deleteFrom("queue").where("crash_id", "=", crash).execute();
}
