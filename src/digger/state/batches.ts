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

/**
 * How a batch ended.
 * - `done`: everything that was due has its verdict
 * - `memory`: early, because its process had grown too large; what was begun has its verdict
 * - `away`: early, because the tracker, or something else far away, did not answer
 * - `failed`: stopped by a failure, or by a signal
 */
export type EndedAs = "done" | "memory" | "away" | "failed";

/** Memory that was resident at most, bytes; null where nobody knows. */
export type BatchPeaks = {
  /** Of the batch's own process. */
  readonly peakBytes: number | null;
  /** Of the largest gdb. */
  readonly gdbPeakBytes: number | null;
};

export type BatchEnd = BatchPeaks & {
  readonly endedAs: EndedAs;
  /** `done`, or why it ended so. */
  readonly outcome: string;
};

export type BatchRow = BatchPeaks & {
  readonly id: number;
  readonly startedAt: string;
  /** Null while it runs, or when it was killed; so is `outcome`. */
  readonly endedAt: string | null;
  readonly outcome: string | null;
  /** Null also where an older crash-digger did not note it. */
  readonly endedAs: EndedAs | null;
};

export type BatchRecords = {
  beginBatch(host: string, pid: number, now: Date): Promise<number>;
  endBatch(batchId: number, end: BatchEnd, now: Date): Promise<void>;
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
    async endBatch(batchId, { endedAs, outcome, peakBytes, gdbPeakBytes }, now) {
      const memory = { peak_bytes: peakBytes, gdb_peak_bytes: gdbPeakBytes };
      const change = { ended_at: now.toISOString(), outcome, ended_as: endedAs, ...memory };
      await kysely.updateTable("batches").set(change).where("id", "=", batchId).execute();
    },
    async lastBatches(limit) {
      const rows = await kysely.selectFrom("batches").selectAll().orderBy("id", "desc").limit(limit).execute();
      return storedRows("batches", rows).map(batchRow);
    },
    async countVerdicts() {
      const counted = kysely.selectFrom("attempts").select(["verdict", sql<number>`count(*)`.as("count")]);
      const rows = await counted.groupBy("verdict").orderBy("verdict").execute();
      return new Map(storedRows("verdicts", rows).map((row) => [row.verdict, row.count]));
    },
  };
}

/** A batch as it is read. */
export function batchRow(row: ReturnType<typeof storedRows<"batches">>[number]): BatchRow {
  return {
    id: row.id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    endedAs: row.ended_as,
    peakBytes: row.peak_bytes,
    gdbPeakBytes: row.gdb_peak_bytes,
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
