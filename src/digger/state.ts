import { type Generated, sql } from "kysely";
import { z } from "zod";
import type { Migration } from "../database/migrations.ts";
import { type Database, openDatabase } from "../database/open-database.ts";
import type { CrashId, Edit } from "../tracker/types.ts";
import { editSchema } from "./edit-schema.ts";
import type { PlannedEdit } from "./plan.ts";
import { masterOf, reasonOf, type Verdict } from "./verdict.ts";

type Tables = {
  batches: {
    id: Generated<number>;
    started_at: string;
    ended_at: string | null;
    host: string;
    pid: number;
    outcome: string | null;
  };
  attempts: {
    id: Generated<number>;
    batch_id: number;
    crash_id: number;
    ended_at: string;
    verdict: string;
    master: number | null;
    reason: string | null;
    program: string | null;
    top_function: string | null;
    fidelity: string | null;
    duration_ms: number;
  };
  outbox: { id: Generated<number>; crash_id: number; edit: string; done_at: string | null; note: string | null };
};

/** One crash as one batch saw it. */
export type Attempt = {
  readonly crashId: CrashId;
  readonly verdict: Verdict;
  readonly program: string | null;
  readonly topFunction: string | null;
  readonly fidelity: string | null;
  readonly durationMs: number;
};

/** An edit that was planned and not yet carried out. */
export type OutboxEntry = { readonly entryId: number; readonly crash: CrashId; readonly edit: Edit };

export type BatchRow = {
  readonly id: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string | null;
};

const migrations: readonly Migration[] = [
  {
    name: "batches, attempts and outbox",
    apply: async (transaction) => {
      await sql`CREATE TABLE batches (id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT,
        host TEXT NOT NULL, pid INTEGER NOT NULL, outcome TEXT)`.execute(transaction);
      await sql`CREATE TABLE attempts (id INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL REFERENCES batches(id),
        crash_id INTEGER NOT NULL, ended_at TEXT NOT NULL, verdict TEXT NOT NULL, master INTEGER, reason TEXT,
        program TEXT, top_function TEXT, fidelity TEXT, duration_ms INTEGER NOT NULL)`.execute(transaction);
      await sql`CREATE INDEX attempts_by_crash ON attempts(crash_id)`.execute(transaction);
      // An id is never used again, so that a marker made of it means one edit for ever.
      await sql`CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, crash_id INTEGER NOT NULL,
        edit TEXT NOT NULL, done_at TEXT, note TEXT)`.execute(transaction);
      await sql`CREATE INDEX outbox_open ON outbox(id) WHERE done_at IS NULL`.execute(transaction);
    },
  },
];

/** The batch's own memory: `state.db`. */
export type State = {
  beginBatch(host: string, pid: number, now: Date): Promise<number>;
  endBatch(batchId: number, outcome: string, now: Date): Promise<void>;
  /** Stores the verdict and the whole plan in one transaction, before the first edit is carried out. */
  recordVerdict(batchId: number, attempt: Attempt, plan: readonly PlannedEdit[], now: Date): Promise<void>;
  /** Edits not yet carried out, in the order of planning; at most `limit`. */
  openEntries(limit: number, crash?: CrashId): Promise<readonly OutboxEntry[]>;
  markDone(entryId: number, note: string | null, now: Date): Promise<void>;
  lastBatches(limit: number): Promise<readonly BatchRow[]>;
  countOpenEntries(): Promise<number>;
  /** How many attempts ended in each verdict. */
  countVerdicts(): Promise<ReadonlyMap<string, number>>;
  integrityCheck(): Promise<void>;
  close(): Promise<void>;
};

/** Opens (or creates) `state.db`. Throws ServiceFailure when it is damaged. */
export async function openState(path: string): Promise<State> {
  const database = await openDatabase<Tables>(path, { migrations });
  return {
    ...batchesOf(database),
    ...outboxOf(database),
    recordVerdict: (...args) => recordVerdict(database, ...args),
    countVerdicts: () => countVerdicts(database),
    integrityCheck: () => database.integrityCheck(),
    close: () => database.close(),
  };
}

function batchesOf({ kysely }: Database<Tables>): Pick<State, "beginBatch" | "endBatch" | "lastBatches"> {
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
      return rows.map((row) => ({
        id: row.id,
        startedAt: row.started_at,
        endedAt: row.ended_at,
        outcome: row.outcome,
      }));
    },
  };
}

async function recordVerdict(
  database: Database<Tables>,
  batchId: number,
  attempt: Attempt,
  plan: readonly PlannedEdit[],
  now: Date,
): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction
      .insertInto("attempts")
      .values(attemptRow(batchId, attempt, now))
      .execute();
    for (const { crash, edit } of plan) {
      await transaction
        .insertInto("outbox")
        .values({ crash_id: crash, edit: JSON.stringify(edit) })
        .execute();
    }
  });
}

function attemptRow(batchId: number, attempt: Attempt, now: Date) {
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

function outboxOf({ kysely }: Database<Tables>): Pick<State, "openEntries" | "markDone" | "countOpenEntries"> {
  return {
    async openEntries(limit, crash) {
      const open = kysely.selectFrom("outbox").select(["id", "crash_id", "edit"]).where("done_at", "is", null);
      const chosen = crash === undefined ? open : open.where("crash_id", "=", crash);
      const rows = await chosen.orderBy("id").limit(limit).execute();
      return rows.map((row) => ({ entryId: row.id, crash: row.crash_id, edit: parseEdit(row.edit) }));
    },
    async markDone(entryId, note, now) {
      // Traces are on the tracker now; kept here as well they would make the file grow for ever.
      const edit = sql<string>`json_object('kind', json_extract(edit, '$.kind'))`;
      await kysely
        .updateTable("outbox")
        .set({ done_at: now.toISOString(), note, edit })
        .where("id", "=", entryId)
        .execute();
    },
    async countOpenEntries() {
      const count = kysely.selectFrom("outbox").select(sql<number>`count(*)`.as("count"));
      return (await count.where("done_at", "is", null).executeTakeFirstOrThrow()).count;
    },
  };
}

function parseEdit(text: string): Edit {
  return z
    .string()
    .transform((value) => JSON.parse(value))
    .pipe(editSchema)
    .parse(text);
}

async function countVerdicts({ kysely }: Database<Tables>): Promise<ReadonlyMap<string, number>> {
  const rows = await kysely
    .selectFrom("attempts")
    .select(["verdict", sql<number>`count(*)`.as("count")])
    .groupBy("verdict")
    .orderBy("verdict")
    .execute();
  return new Map(rows.map((row) => [row.verdict, row.count]));
}
