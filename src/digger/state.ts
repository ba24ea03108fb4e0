import { type IntegrityDepth, openDatabase } from "../database/open-database.ts";
import { type RestoredNote, readRestoredNote } from "../database/restored-note.ts";
import type { CrashId } from "../tracker/types.ts";
import type { PlannedEdit } from "./plan.ts";
import { type Attempt, attemptRow, type BatchRecords, batchRecords } from "./state/batches.ts";
import { type OutageRecords, outageRecords } from "./state/outages.ts";
import { abandonOpen, insertPlan, type OutboxRecords, outboxRecords } from "./state/outbox-entries.ts";
import { leaveQueue, type QueueRecords, queueRecords } from "./state/queue.ts";
import { type AsideRecords, asideRecords, putAside, type SetAside } from "./state/set-aside.ts";
import { stateMigrations, type Tables } from "./state/tables.ts";
import { type TotalRecords, totalRecords } from "./state/totals.ts";

/** The batch's own memory: `state.db`. What is on the tracker is true; this is what makes it quick and exact. */
export type State = BatchRecords &
  OutboxRecords &
  AsideRecords &
  OutageRecords &
  QueueRecords &
  TotalRecords & {
    /** Stores verdict, plan and what follows in one transaction, before the first edit is carried out. */
    recordVerdict(
      batchId: number,
      attempt: Attempt,
      plan: readonly PlannedEdit[],
      aside: SetAside | null,
      now: Date,
    ): Promise<void>;
    /** Sets a crash aside, or (null) no longer, together with the plan that tells the tracker. */
    recordAside(crash: CrashId, aside: SetAside | null, plan: readonly PlannedEdit[], now: Date): Promise<void>;
    /** Gives what is open of a crash's edits up, with a note why, for another plan; `aside` null: as it was. */
    replaceEdits(
      crash: CrashId,
      note: string,
      aside: SetAside | null,
      plan: readonly PlannedEdit[],
      now: Date,
    ): Promise<void>;
    /**
     * To be called before an edit is carried out.
     *
     * @returns whether it may have been carried out before: whatever an earlier process left, and whatever was begun
     *   here. It costs no write, because the process that stores a plan carries it out itself, at once.
     */
    beginEdit(entryId: number): boolean;
    integrityCheck(depth?: IntegrityDepth): Promise<void>;
    close(): Promise<void>;
  };

/** Opens (or creates) `state.db`. Throws ServiceFailure when it is damaged. */
export async function openState(path: string): Promise<State> {
  const database = await openDatabase<Tables>(path, { migrations: stateMigrations });
  const note = readRestoredNote(path);
  const neverBegun = new Set<number>();
  const remember = (entryIds: readonly number[], plan: readonly PlannedEdit[], decided: CrashId): void => {
    for (const [at, entryId] of entryIds.entries()) {
      if (isCertainlyNew(plan[at]?.crash, decided, note)) neverBegun.add(entryId);
    }
  };
  return {
    ...batchRecords(database),
    ...outboxRecords(database),
    ...asideRecords(database),
    ...outageRecords(database),
    ...queueRecords(database),
    ...totalRecords(database),
    recordVerdict: async (batchId, attempt, plan, aside, now) => {
      const stored = await database.transaction(async (transaction) => {
        await transaction
          .insertInto("attempts")
          .values(attemptRow(batchId, attempt, now))
          .execute();
        await putAside(transaction, attempt.crashId, aside, now);
        await leaveQueue(transaction, attempt.crashId);
        return await insertPlan(transaction, plan);
      });
      remember(stored, plan, attempt.crashId);
    },
    recordAside: async (crash, aside, plan, now) => {
      const stored = await database.transaction(async (transaction) => {
        await putAside(transaction, crash, aside, now);
        if (aside !== null) await leaveQueue(transaction, crash);
        return await insertPlan(transaction, plan);
      });
      remember(stored, plan, crash);
    },
    replaceEdits: async (crash, note, aside, plan, now) => {
      const stored = await database.transaction(async (transaction) => {
        await abandonOpen(transaction, crash, note, now);
        if (aside !== null) {
          await putAside(transaction, crash, aside, now);
          await leaveQueue(transaction, crash);
        }
        return await insertPlan(transaction, plan);
      });
      remember(stored, plan, crash);
    },
    beginEdit: (entryId) => !neverBegun.delete(entryId),
    integrityCheck: (depth) => database.integrityCheck(depth),
    close: () => database.close(),
  };
}

// A database that was put back from a backup has forgotten what was done since: for a crash of that time even an edit
// that is planned for the first time may be the second one. So may one for another crash than the one that was decided
// (the loser of a merge), because nothing tells of what time its own plan was.
function isCertainlyNew(crash: CrashId | undefined, decided: CrashId, note: RestoredNote | null): boolean {
  return note === null || (crash === decided && crash > (note.forgotUpTo ?? Number.MAX_SAFE_INTEGER));
}
