import type { Kysely } from "kysely";
import { fieldOfAttachment } from "../text-attachments.ts";
import type { Attachment, CrashHeader, CrashId, CrashStatus, LeftBehind } from "../types.ts";
import { coreFields } from "./describe-report.ts";
import { statusOfRow } from "./status.ts";
import { storedRows } from "./stored-rows.ts";
import { fromBytes, type TrackerTables } from "./tables.ts";

type Database = Kysely<TrackerTables>;

export type LocalComment = {
  readonly subject: string;
  readonly body: string;
  /** ISO 8601, UTC. */
  readonly writtenAt: string;
};

/** A crash with all that the local tracker knows of it; only the core's bytes are apart. */
export type LocalCrash = {
  readonly header: CrashHeader;
  readonly submittedAt: string;
  readonly importance: string;
  readonly isPrivate: boolean;
  /** Crashes that were closed as duplicates of this one. */
  readonly duplicates: readonly CrashId[];
  readonly comments: readonly LocalComment[];
  /** Texts of the attachments, by name. */
  readonly attachmentTexts: ReadonlyMap<string, string>;
};

/** Reads one crash, null when there is none. To be run in a transaction, so that its parts fit together. */
export async function readCrash(db: Database, id: CrashId): Promise<LocalCrash | null> {
  const found = await db.selectFrom("crash").selectAll().where("id", "=", id).execute();
  const [crash] = storedRows("crash", found);
  if (crash === undefined) return null;
  const attachments = await attachmentsOf(db, id);
  const blobs = await blobsOf(db, id);
  return {
    header: {
      id,
      title: crash.title,
      tags: await readTags(db, id),
      status: statusOfRow(crash),
      duplicateOf: crash.duplicate_of,
      fields: await fieldsOf(db, id, attachments),
      attachments: [...attachments.map(({ name, sizeBytes }) => ({ name, sizeBytes })), ...otherBinaries(blobs)],
      hasCore: blobs.some((blob) => coreFields.includes(blob.field)),
      importance: crash.importance,
      isPrivate: crash.private === 1,
    },
    submittedAt: crash.submitted_at,
    importance: crash.importance,
    isPrivate: crash.private === 1,
    duplicates: await duplicatesOf(db, id),
    comments: await commentsOf(db, id),
    attachmentTexts: new Map(attachments.map(({ name, text }) => [name, text])),
  };
}

type TextAttachment = Attachment & { readonly text: string };

async function attachmentsOf(db: Database, id: CrashId): Promise<TextAttachment[]> {
  const rows = await db
    .selectFrom("attachment")
    .select(["name", "text", "size_bytes"])
    .where("crash_id", "=", id)
    .orderBy("name")
    .execute();
  return storedRows("attachment", rows).map((row) => ({
    name: row.name,
    text: fromBytes(row.text),
    sizeBytes: row.size_bytes,
  }));
}

async function blobsOf(db: Database, id: CrashId) {
  return storedRows(
    "blob",
    await db.selectFrom("blob").selectAll().where("crash_id", "=", id).orderBy("field").execute(),
  );
}

function otherBinaries(blobs: readonly { field: string; size_bytes: number }[]): readonly Attachment[] {
  return blobs
    .filter((blob) => !coreFields.includes(blob.field))
    .map((blob) => ({ name: `${blob.field}.zst`, sizeBytes: blob.size_bytes }));
}

async function fieldsOf(
  db: Database,
  id: CrashId,
  attachments: readonly TextAttachment[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("field")
    .select(["name", "value"])
    .where("crash_id", "=", id)
    .orderBy("position")
    .execute();
  const fields = new Map(storedRows("field", rows).map((row) => [row.name, fromBytes(row.value)]));
  for (const { name, text } of attachments) {
    const field = fieldOfAttachment(name);
    if (field !== null) fields.set(field, text);
  }
  return fields;
}

/** The tags of a crash in order; none when it is gone. */
export async function readTags(db: Database, id: CrashId): Promise<readonly string[]> {
  const rows = await db.selectFrom("tag").selectAll().where("crash_id", "=", id).orderBy("tag").execute();
  return storedRows("tag", rows).map((row) => row.tag);
}

async function duplicatesOf(db: Database, id: CrashId): Promise<readonly CrashId[]> {
  const rows = await db.selectFrom("crash").select("id").where("duplicate_of", "=", id).orderBy("id").execute();
  return rows.map((row) => row.id);
}

async function commentsOf(db: Database, id: CrashId): Promise<LocalComment[]> {
  const rows = await commentRows(db, id);
  return rows.map(({ subject, body, written_at }) => ({ subject, body, writtenAt: written_at }));
}

async function commentRows(db: Database, id: CrashId) {
  const columns = ["marker", "subject", "body", "written_at"] as const;
  return storedRows(
    "comment",
    await db.selectFrom("comment").select(columns).where("crash_id", "=", id).orderBy("id").execute(),
  );
}

// It comes with every trace of ours, and with no report.
const traceOfOurs = "Trace.json";

/** What our own edits have left on a crash. */
export async function readLeftBehind(db: Database, id: CrashId): Promise<LeftBehind> {
  const markers = (await commentRows(db, id)).flatMap(({ marker }) => (marker === null ? [] : [marker]));
  return { markers, isTraced: (await attachmentsOf(db, id)).some(({ name }) => name === traceOfOurs) };
}

// SQLite takes at most 32,766 values in one statement.
const idsPerQuery = 10_000;

/** Status of many crashes; one that is gone or a duplicate is `invalid`. */
export async function readStatuses(db: Database, ids: readonly CrashId[]): Promise<Map<CrashId, CrashStatus>> {
  const statuses = new Map<CrashId, CrashStatus>(ids.map((id) => [id, { kind: "invalid" }]));
  for (let start = 0; start < ids.length; start += idsPerQuery) {
    const rows = await db
      .selectFrom("crash")
      .select(["id", "status", "fixed_version"])
      .where("id", "in", ids.slice(start, start + idsPerQuery))
      .where("duplicate_of", "is", null)
      .execute();
    for (const row of rows) statuses.set(row.id, statusOfRow(row));
  }
  return statuses;
}
