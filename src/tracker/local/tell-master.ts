import type { Kysely } from "kysely";
import type { CrashId, Edit, EditOutcome, MasterEdit } from "../types.ts";
import { masterFor } from "./mark-duplicate.ts";
import type { TrackerTables } from "./tables.ts";

type Database = Kysely<TrackerTables>;
type Apply = (master: CrashId, edit: Edit) => Promise<EditOutcome>;

/** Carries out what a duplicate means for its master. To be run in a transaction; `apply` edits the master in it. */
export async function tellMaster(db: Database, id: CrashId, edit: MasterEdit, apply: Apply): Promise<EditOutcome> {
  const crash = await db.selectFrom("crash").select("duplicate_of").where("id", "=", id).executeTakeFirst();
  const of = crash?.duplicate_of ?? edit.of;
  if (of === undefined) return { kind: "dropped", note: `crash ${id} is no duplicate, so it has no master to tell` };
  const found = await masterFor(db, id, of);
  if (found.kind === "dropped") return found;
  const { master } = found;
  switch (edit.kind) {
    case "give-trace":
      return await giveTrace(db, master, edit, apply);
    case "adopt-tags":
      // No series here: the local tracker belongs to no distribution.
      return await apply(master, { kind: "add-tags", tags: await tagsAmong(db, id, edit.tags) });
    case "escalate":
      return await escalate(db, id, master, edit, apply);
  }
}

async function giveTrace(
  db: Database,
  master: CrashId,
  { ifTagged, attachments }: Extract<MasterEdit, { kind: "give-trace" }>,
  apply: Apply,
): Promise<EditOutcome> {
  if ((await tagsAmong(db, master, ifTagged)).length === 0) return { kind: "already" };
  for (const { name, text } of attachments) await apply(master, { kind: "attach", name, text });
  return await apply(master, { kind: "remove-tags", tags: ifTagged });
}

// The team is dropped: the local tracker has no subscribers. The tag is what people look for here.
async function escalate(
  db: Database,
  id: CrashId,
  master: CrashId,
  { tag, from }: Extract<MasterEdit, { kind: "escalate" }>,
  apply: Apply,
): Promise<EditOutcome> {
  const others = db.selectFrom("crash").select("id").where("duplicate_of", "=", master).where("id", "!=", id);
  if ((await others.limit(from).execute()).length + 1 < from) return { kind: "already" };
  return await apply(master, { kind: "add-tags", tags: [tag] });
}

async function tagsAmong(db: Database, id: CrashId, tags: readonly string[]): Promise<readonly string[]> {
  if (tags.length === 0) return [];
  const found = db.selectFrom("tag").select("tag").where("crash_id", "=", id).where("tag", "in", tags);
  return (await found.orderBy("tag").execute()).map((row) => row.tag);
}
