import { sql } from "kysely";
import type { Database } from "../../database/open-database.ts";
import { type BatchRow, batchRow, type EndedAs } from "./batches.ts";
import { storedRows } from "./stored-rows.ts";
import type { Tables } from "./tables.ts";

/** What came of all attempts with one verdict. */
export type VerdictTotal = { readonly verdict: string; readonly count: number; readonly durationMs: number };

export type TotalRecords = {
  /** The last batch that came to its end, whatever it was. */
  lastEnded(): Promise<BatchRow | null>;
  /** The last one that did what it was to do; one that ended early for its memory did. */
  lastSuccess(): Promise<BatchRow | null>;
  /** How many batches ended how. */
  countEnds(): Promise<ReadonlyMap<EndedAs, number>>;
  verdictTotals(): Promise<readonly VerdictTotal[]>;
};

/** What monitoring wants to know of all batches together. */
export function totalRecords({ kysely }: Database<Tables>): TotalRecords {
  const last = kysely.selectFrom("batches").selectAll().orderBy("id", "desc").limit(1);
  const first = (rows: readonly unknown[]): BatchRow | null => {
    const [row] = storedRows("batches", rows);
    return row === undefined ? null : batchRow(row);
  };
  return {
    lastEnded: async () => first(await last.where("ended_at", "is not", null).execute()),
    lastSuccess: async () => first(await last.where("ended_as", "in", ["done", "memory"]).execute()),
    async countEnds() {
      const counted = kysely.selectFrom("batches").select(["ended_as", sql<number>`count(*)`.as("count")]);
      const rows = await counted.where("ended_as", "is not", null).groupBy("ended_as").execute();
      return new Map(storedRows("ends", rows).map((row) => [row.ended_as, row.count]));
    },
    async verdictTotals() {
      const counted = kysely
        .selectFrom("attempts")
        .select(["verdict", sql<number>`count(*)`.as("count"), sql<number>`sum(duration_ms)`.as("duration_ms")]);
      const rows = await counted.groupBy("verdict").orderBy("verdict").execute();
      return storedRows("totals", rows).map(({ verdict, count, duration_ms }) => ({
        verdict,
        count,
        durationMs: duration_ms,
      }));
    },
  };
}
