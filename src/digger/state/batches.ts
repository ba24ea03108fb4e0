import { sql } from "kysely";
import type { Database } from "../../database/open-database.ts";
import type { CrashId } from "../../tracker/types.ts";
import { masterOf, reasonOf, type Verdict } from "../verdict.ts";
import { storedRows } from "./stored-rows.ts";
import type { Tables } from "./tables.ts";

/** One crash as one batch saw it. */
export type Attempt = {
  readonly crashId: CrashId;
  readonly verdict: Verdict;
  readonly program: string | null;
  readonly topFunction: string | null;
  readonly fidelity: string | null;
  readonly durationMs: number;
};

export type BatchRow = {
  readonly id: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string | null;
};

export type BatchRecords = {
  beginBatch(host: string, pid: number, now: Date): Promise<number>;
  endBatch(batchId: number, outcome: string, now: Date): Promise<void>;
  lastBatches(limit: number): Promise<readonly BatchRow[]>;
  /** How many attempts ended in each verdict. */
  countVerdicts(): Promise<ReadonlyMap<string, number>>;
};

/** The batches and what they found out. */
export function batchRecords({ kysely }: Database<Tables>): BatchRecords {
  return {
    async beginBatch(host, pid, now) {
      const values = { started_at: now.toISOString(), host, pid };
      const row = await kysely.insertInto("batches").values(values).returning("id").executeTakeFirstOrThrow();
      return row.id;
    },
    async endBatch(batchId, outcome, now) {
      const change = { ended_at: now.toISOString(), outcome };
      await kysely.updateTable("batches").set(change).where("id", "=", batchId).execute();
    },
    async lastBatches(limit) {
      const rows = await kysely.selectFrom("batches").selectAll().orderBy("id", "desc").limit(limit).execute();
      return storedRows("batches", rows).map((row) => ({
        id: row.id,
        startedAt: row.started_at,
        endedAt: row.ended_at,
        outcome: row.outcome,
      }));
    },
    async countVerdicts() {
      const counted = kysely.selectFrom("attempts").select(["verdict", sql<number>`count(*)`.as("count")]);
      const rows = await counted.groupBy("verdict").orderBy("verdict").execute();
      return new Map(storedRows("verdicts", rows).map((row) => [row.verdict, row.count]));
    },
  };
}

/** An attempt as it is stored. */
export function attemptRow(batchId: number, attempt: Attempt, now: Date) {
  return {
    batch_id: batchId,
    crash_id: attempt.crashId,
    ended_at: now.toISOString(),
    verdict: attempt.verdict.kind,
    master: masterOf(attempt.verdict),
    reason: reasonOf(attempt.verdict),
    program: attempt.program,
    top_function: attempt.topFunction,
    fidelity: attempt.fidelity,
    duration_ms: Math.round(attempt.durationMs),
  };
}
