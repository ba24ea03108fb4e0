import { type Kysely, sql } from "kysely";
import type { Database } from "../../database/open-database.ts";
import type { CrashId } from "../../tracker/types.ts";
import type { PlannedEdit } from "../plan.ts";
import { storedRows } from "./stored-rows.ts";
import type { Tables } from "./tables.ts";

/** An edit that was planned and not yet carried out. */
export type OutboxEntry = {
  readonly entryId: number;
  readonly crash: CrashId;
  /** As it was stored; see edit-schema.ts. */
  readonly editText: string;
};

/** An open edit that has failed, so that a person may have to look. */
export type FailingEdit = {
  readonly entryId: number;
  readonly crash: CrashId;
  readonly kind: string;
  readonly failures: number;
  readonly reason: string;
  /** Whether it failed so often that the crash's edits are no longer tried. */
  readonly stuck: boolean;
};

/** So many failures of one edit stop a batch each; then its crash is left alone and the others go on. */
export const maxEditFailures = 3;

export type OutboxRecords = {
  /** Edits not yet carried out, in the order of planning, at most `limit`; none of a crash whose edits are stuck. */
  openEntries(limit: number, crash?: CrashId): Promise<readonly OutboxEntry[]>;
  /** Every open edit, also those that are stuck, by the crash that it is for. */
  allOpen(): Promise<ReadonlyMap<CrashId, readonly OutboxEntry[]>>;
  /** Not waited for on the disk: an edit whose mark a power cut takes is carried out again, which changes nothing. */
  markDone(entryId: number, note: string | null, now: Date): Promise<void>;
  /** Counts a failure of an edit. @returns how many there have been. */
  noteEditFailure(entryId: number, reason: string): Promise<number>;
  /** Lets the stuck edits of a crash be tried again. */
  unstick(crash: CrashId): Promise<void>;
  /** Gives the open edits of a crash up, with a note why. */
  abandonEdits(crash: CrashId, note: string, now: Date): Promise<void>;
  failingEdits(): Promise<readonly FailingEdit[]>;
  /** Crashes whose edits are no longer tried. */
  stuckCrashes(): Promise<ReadonlySet<CrashId>>;
  countOpenEntries(): Promise<number>;
};

/** The edits that have to reach the tracker. */
export function outboxRecords({ kysely, unsynced }: Database<Tables>): OutboxRecords {
  return {
    openEntries: (limit, crash) => openEntries(kysely, limit, crash),
    allOpen: () => allOpen(kysely),
    async markDone(entryId, note, now) {
      // Traces are on the tracker now; kept here as well they would make the file grow for ever.
      const edit = sql<string>`json_object('kind', json_extract(edit, '$.kind'))`;
      const change = { done_at: now.toISOString(), note, edit };
      await unsynced((alone) => alone.updateTable("outbox").set(change).where("id", "=", entryId).execute());
    },
    async noteEditFailure(entryId, reason) {
      const change = { failures: sql<number>`failures + 1`, last_failure: reason };
      const counted = kysely.updateTable("outbox").set(change).where("id", "=", entryId).returning("failures");
      return (await counted.executeTakeFirstOrThrow()).failures;
    },
    async unstick(crash) {
      const open = kysely.updateTable("outbox").set({ failures: 0 }).where("crash_id", "=", crash);
      await open.where("done_at", "is", null).execute();
    },
    abandonEdits: (crash, note, now) => abandonOpen(kysely, crash, note, now),
    failingEdits: () => failingEdits(kysely),
    stuckCrashes: async () => new Set((await stuck(kysely).execute()).map((row) => row.crash_id)),
    async countOpenEntries() {
      const count = kysely.selectFrom("outbox").select(sql<number>`count(*)`.as("count"));
      return (await count.where("done_at", "is", null).executeTakeFirstOrThrow()).count;
    },
  };
}

/** Stores a plan; a part of somebody's transaction. @returns its entries' ids. */
export async function insertPlan(
  transaction: Kysely<Tables>,
  plan: readonly PlannedEdit[],
): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const { crash, edit } of plan) {
    const row = { crash_id: crash, edit: JSON.stringify(edit) };
    ids.push((await transaction.insertInto("outbox").values(row).returning("id").executeTakeFirstOrThrow()).id);
  }
  return ids;
}

/** Gives the open edits of a crash up; may be a part of somebody's transaction. */
export async function abandonOpen(kysely: Kysely<Tables>, crash: CrashId, note: string, now: Date): Promise<void> {
  const open = kysely.updateTable("outbox").set({ done_at: now.toISOString(), note }).where("crash_id", "=", crash);
  await open.where("done_at", "is", null).execute();
}

function stuck(kysely: Kysely<Tables>) {
  const open = kysely.selectFrom("outbox").select("crash_id").where("done_at", "is", null);
  return open.where("failures", ">=", maxEditFailures);
}

async function openEntries(kysely: Kysely<Tables>, limit: number, crash?: CrashId): Promise<readonly OutboxEntry[]> {
  const open = kysely.selectFrom("outbox").select(["id", "crash_id", "edit"]).where("done_at", "is", null);
  const tried = open.where("crash_id", "not in", stuck(kysely));
  const chosen = crash === undefined ? tried : tried.where("crash_id", "=", crash);
  const rows = await chosen.orderBy("id").limit(limit).execute();
  return storedRows("outbox", rows).map((row) => ({ entryId: row.id, crash: row.crash_id, editText: row.edit }));
}

async function allOpen(kysely: Kysely<Tables>): Promise<ReadonlyMap<CrashId, readonly OutboxEntry[]>> {
  const open = kysely.selectFrom("outbox").select(["id", "crash_id", "edit"]).where("done_at", "is", null);
  const rows = storedRows("outbox", await open.orderBy("id").execute());
  const entries = rows.map((row) => ({ entryId: row.id, crash: row.crash_id, editText: row.edit }));
  return Map.groupBy(entries, ({ crash }) => crash);
}

async function failingEdits(kysely: Kysely<Tables>): Promise<readonly FailingEdit[]> {
  const open = kysely.selectFrom("outbox").where("done_at", "is", null).where("failures", ">", 0);
  const kind = sql<string | null>`CASE WHEN json_valid(edit) THEN json_extract(edit, '$.kind') END`.as("kind");
  const rows = await open.select(["id", "crash_id", kind, "failures", "last_failure"]).orderBy("id").execute();
  return storedRows("failing", rows).map((row) => ({
    entryId: row.id,
    crash: row.crash_id,
    kind: row.kind ?? "unreadable",
    failures: row.failures,
    reason: row.last_failure ?? "",
    stuck: row.failures >= maxEditFailures,
  }));
}
