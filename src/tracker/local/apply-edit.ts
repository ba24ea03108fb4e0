import type { Kysely } from "kysely";
import { tagOfMark } from "../marks.ts";
import { cleanTitle } from "../title.ts";
import type { CrashId, Edit, EditOutcome } from "../types.ts";
import { coreFields } from "./describe-report.ts";
import { markDuplicate, masterFor } from "./mark-duplicate.ts";
import { type TrackerTables, toBytes } from "./tables.ts";
import { tellMaster } from "./tell-master.ts";

type Database = Kysely<TrackerTables>;

/** Carries out one edit on a crash that is there. To be run in a transaction; removed files become orphans. */
export function applyEdit(db: Database, id: CrashId, edit: Edit, now: Date): Promise<EditOutcome> {
  switch (edit.kind) {
    case "comment":
      return addComment(db, id, edit, now);
    case "attach":
      return attach(db, id, edit.name, edit.text);
    case "remove-attachments":
      return removeAttachments(db, id, edit.names);
    case "remove-core":
      return removeBlobs(db, id, coreFields);
    case "add-tags":
      return addTags(db, id, edit.tags);
    case "remove-tags":
      return removeTags(db, id, edit.tags);
    case "remove-pending":
      return removeTags(db, id, [tagOfMark(edit.mark)]);
    case "mark-duplicate":
      return markDuplicate(db, id, edit.of);
    case "check-master":
      return checkMaster(db, id, edit.of);
    case "give-trace":
    case "adopt-tags":
    case "escalate":
      return tellMaster(db, id, edit, (master, step) => applyEdit(db, master, step, now));
    default:
      return setProperty(db, id, edit);
  }
}

type PropertyEdit = Extract<Edit, { kind: `set-${string}` | "subscribe" }>;

function setProperty(db: Database, id: CrashId, edit: PropertyEdit): Promise<EditOutcome> {
  switch (edit.kind) {
    case "set-status":
      return setStatus(db, id, edit.status);
    case "set-title":
      return setColumn(db, id, "title", cleanTitle(edit.title));
    case "set-importance":
      return setImportance(db, id, edit);
    case "set-private":
      return setColumn(db, id, "private", edit.private ? 1 : 0);
    case "set-package":
      return dropped("the local tracker does not sort crashes by package");
    case "subscribe":
      return dropped("the local tracker has no subscribers");
  }
}

async function checkMaster(db: Database, id: CrashId, of: CrashId): Promise<EditOutcome> {
  const found = await masterFor(db, id, of);
  return found.kind === "master" ? { kind: "done" } : found;
}

type CommentEdit = Extract<Edit, { kind: "comment" }>;

async function addComment(db: Database, id: CrashId, edit: CommentEdit, now: Date): Promise<EditOutcome> {
  const { marker, subject, body } = edit;
  const result = await db
    .insertInto("comment")
    .values({ crash_id: id, marker, subject, body, written_at: now.toISOString() })
    .onConflict((conflict) => conflict.columns(["crash_id", "marker"]).doNothing())
    .executeTakeFirst();
  return changed(result.numInsertedOrUpdatedRows);
}

async function attach(db: Database, id: CrashId, name: string, text: string): Promise<EditOutcome> {
  const bytes = toBytes(text);
  const row = { crash_id: id, name, text: bytes, size_bytes: bytes.length };
  const result = await db
    .insertInto("attachment")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(["crash_id", "name"])
        .doUpdateSet({ text: bytes, size_bytes: bytes.length })
        .where("attachment.text", "!=", bytes),
    )
    .executeTakeFirst();
  return changed(result.numInsertedOrUpdatedRows);
}

async function addTags(db: Database, id: CrashId, tags: readonly string[]): Promise<EditOutcome> {
  if (tags.length === 0) return { kind: "already" };
  const result = await db
    .insertInto("tag")
    .values(tags.map((tag) => ({ crash_id: id, tag })))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return changed(result.numInsertedOrUpdatedRows);
}

async function removeTags(db: Database, id: CrashId, tags: readonly string[]): Promise<EditOutcome> {
  if (tags.length === 0) return { kind: "already" };
  const result = await db.deleteFrom("tag").where("crash_id", "=", id).where("tag", "in", tags).executeTakeFirst();
  return changed(result.numDeletedRows);
}

type ImportanceEdit = Extract<Edit, { kind: "set-importance" }>;

async function setImportance(db: Database, id: CrashId, edit: ImportanceEdit): Promise<EditOutcome> {
  const crash = await db.selectFrom("crash").select("importance").where("id", "=", id).executeTakeFirst();
  if (edit.ifUndecided === true && crash?.importance !== "Undecided") return { kind: "already" };
  return await setColumn(db, id, "importance", edit.importance);
}

type StatusEdit = Extract<Edit, { kind: "set-status" }>;

async function setStatus(db: Database, id: CrashId, status: StatusEdit["status"]): Promise<EditOutcome> {
  const fixedVersion = status.kind === "fixed" ? status.version : "";
  const result = await db
    .updateTable("crash")
    .set({ status: status.kind, fixed_version: fixedVersion })
    .where("id", "=", id)
    .where((eb) => eb.or([eb("status", "!=", status.kind), eb("fixed_version", "!=", fixedVersion)]))
    .executeTakeFirst();
  return changed(result.numUpdatedRows);
}

async function setColumn(
  db: Database,
  id: CrashId,
  column: "title" | "importance" | "private",
  value: string | number,
): Promise<EditOutcome> {
  const result = await db
    .updateTable("crash")
    .set({ [column]: value })
    .where("id", "=", id)
    .where(column, "!=", value)
    .executeTakeFirst();
  return changed(result.numUpdatedRows);
}

async function removeAttachments(db: Database, id: CrashId, names: readonly string[]): Promise<EditOutcome> {
  if (names.length === 0) return { kind: "already" };
  const texts = await db
    .deleteFrom("attachment")
    .where("crash_id", "=", id)
    .where("name", "in", names)
    .executeTakeFirst();
  const fields = names.filter((name) => name.endsWith(".zst")).map((name) => name.slice(0, -".zst".length));
  const binaries = fields.filter((field) => !coreFields.includes(field));
  const removed = await removeBlobs(db, id, binaries);
  return removed.kind === "done" ? removed : changed(texts.numDeletedRows);
}

async function removeBlobs(db: Database, id: CrashId, fields: readonly string[]): Promise<EditOutcome> {
  if (fields.length === 0) return { kind: "already" };
  const removed = await db
    .deleteFrom("blob")
    .where("crash_id", "=", id)
    .where("field", "in", fields)
    .returning("storage_name")
    .execute();
  for (const { storage_name } of removed) await db.insertInto("orphan").values({ storage_name }).execute();
  return { kind: removed.length > 0 ? "done" : "already" };
}

function changed(rows: bigint | undefined): EditOutcome {
  return { kind: (rows ?? 0n) > 0n ? "done" : "already" };
}

async function dropped(note: string): Promise<EditOutcome> {
  return { kind: "dropped", note };
}
