import type { Kysely } from "kysely";
import type { CrashId, EditOutcome } from "../types.ts";
import type { TrackerTables } from "./tables.ts";

/**
 * Makes a crash a duplicate of another and keeps chains one level deep: a master that is itself a duplicate
 * stands for its own master, and duplicates of the crash follow it. To be run in a transaction.
 */
export async function markDuplicate(db: Kysely<TrackerTables>, id: CrashId, of: CrashId): Promise<EditOutcome> {
  const named = await duplicateRow(db, of);
  if (named === undefined) return { kind: "dropped", note: `there is no crash ${of} to be a duplicate of` };
  const master = named.duplicate_of ?? of;
  if (master === id) return { kind: "dropped", note: circleNote(id, of) };
  const current = await duplicateRow(db, id);
  if (current?.duplicate_of === master) return { kind: "already" };
  await db
    .updateTable("crash")
    .set({ duplicate_of: master })
    .where((eb) => eb.or([eb("id", "=", id), eb("duplicate_of", "=", id)]))
    .execute();
  return { kind: "done" };
}

function circleNote(id: CrashId, of: CrashId): string {
  return id === of ? "a crash is no duplicate of itself" : `crash ${of} is itself a duplicate of crash ${id}`;
}

function duplicateRow(db: Kysely<TrackerTables>, id: CrashId) {
  return db.selectFrom("crash").select("duplicate_of").where("id", "=", id).executeTakeFirst();
}
