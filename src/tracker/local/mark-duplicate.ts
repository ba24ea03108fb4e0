import type { Kysely } from "kysely";
import type { CrashId, EditOutcome } from "../types.ts";
import type { TrackerTables } from "./tables.ts";

/**
 * Makes a crash a duplicate of another and keeps chains one level deep: a master that is itself a duplicate
 * stands for its own master, and duplicates of the crash follow it. To be run in a transaction.
 */
export async function markDuplicate(db: Kysely<TrackerTables>, id: CrashId, of: CrashId): Promise<EditOutcome> {
  const found = await masterFor(db, id, of);
  if (found.kind === "dropped") return found;
  const { master } = found;
  const current = await duplicateRow(db, id);
  if (current?.duplicate_of === master) return { kind: "already" };
  await db
    .updateTable("crash")
    .set({ duplicate_of: master })
    .where((eb) => eb.or([eb("id", "=", id), eb("duplicate_of", "=", id)]))
    .execute();
  return { kind: "done" };
}

type FoundMaster =
  | { readonly kind: "master"; readonly master: CrashId }
  | Extract<EditOutcome, { readonly kind: "dropped" }>;

/** Whose duplicate a crash would be: `of`, or the master of that; dropped when there is none. */
export async function masterFor(db: Kysely<TrackerTables>, id: CrashId, of: CrashId): Promise<FoundMaster> {
  const named = await duplicateRow(db, of);
  if (named === undefined) return { kind: "dropped", note: `there is no crash ${of} to be a duplicate of` };
  const master = named.duplicate_of ?? of;
  return master === id ? { kind: "dropped", note: circleNote(id, of) } : { kind: "master", master };
}

function circleNote(id: CrashId, of: CrashId): string {
  return id === of ? "a crash is no duplicate of itself" : `crash ${of} is itself a duplicate of crash ${id}`;
}

function duplicateRow(db: Kysely<TrackerTables>, id: CrashId) {
  return db.selectFrom("crash").select("duplicate_of").where("id", "=", id).executeTakeFirst();
}
