import type { Readable } from "node:stream";
import type { Kysely } from "kysely";
import type { Database } from "../../database/open-database.ts";
import { readReport } from "../../report/read-report.ts";
import type { Report, ReportFault } from "../../report/types.ts";
import type { CrashId } from "../types.ts";
import { type Blob, storeBlob } from "./blobs.ts";
import { describeReport, type NewCrash } from "./describe-report.ts";
import { beginSubmission, type Submission } from "./incoming.ts";
import { removeQuietly } from "./private-files.ts";
import { type TrackerTables, toBytes } from "./tables.ts";

/** What became of a submitted report: filed under an id, or refused with the place where it is ill-formed. */
export type SubmitResult =
  | { readonly kind: "filed"; readonly id: CrashId; readonly title: string; readonly tags: readonly string[] }
  | { readonly kind: "refused"; readonly fault: ReportFault };

export type SubmitOptions = {
  /** Architecture (Debian's name) for which a core is marked when the report does not tell. */
  readonly hostArchitecture: string;
  readonly now: Date;
  /** What its binary fields may decode to, all together; the reader's own limit unless told. */
  readonly maxBinaryBytes?: number;
};

/** Where a submission works. */
export type SubmitPlace = {
  readonly database: Database<TrackerTables>;
  readonly incomingFolder: string;
  readonly filesFolder: string;
};

/**
 * Files a report. Everything slow happens out of sight; the crash becomes visible in one transaction, when its
 * files are on the disk already. Killed or failing at any moment, it leaves either the whole crash or files that
 * nobody refers to, and its folder under `incoming/`, by which a later sweep knows (see sweep.ts).
 *
 * @param source path of the report, or its bytes.
 */
export async function submitReport(
  place: SubmitPlace,
  source: string | Readable,
  options: SubmitOptions,
): Promise<SubmitResult> {
  const submission = await beginSubmission(place.incomingFolder);
  const result = await submitInto(place, submission, source, options);
  await removeQuietly(submission.folder);
  return result;
}

async function submitInto(
  place: SubmitPlace,
  submission: Submission,
  source: string | Readable,
  options: SubmitOptions,
): Promise<SubmitResult> {
  const limits = options.maxBinaryBytes === undefined ? {} : { binaryBytes: options.maxBinaryBytes };
  const result = await readReport(source, { spoolFolder: submission.folder, binaries: "spool", limits });
  if (!result.ok) return { kind: "refused", fault: result.fault };
  const crash = describeReport(result.report, options.hostArchitecture);
  const blobs = await storeBinaries(place, submission, result.report);
  const id = await place.database.transaction((db) => insertCrash(db, crash, blobs, options.now));
  return { kind: "filed", id, title: crash.title, tags: crash.tags };
}

type NamedBlob = { readonly field: string; readonly blob: Blob };

async function storeBinaries(place: SubmitPlace, submission: Submission, report: Report): Promise<NamedBlob[]> {
  const blobs: NamedBlob[] = [];
  for (const [index, [field, spooled]] of [...report.binaries].entries()) {
    const storageName = `${submission.id}-${index}.zst`;
    await storeBlob(spooled.path, place.filesFolder, storageName, submission.folder);
    // A spooled core may be as large as the disk is free; it is not kept longer than needed.
    await removeQuietly(spooled.path);
    blobs.push({ field, blob: { storageName, sizeBytes: spooled.sizeBytes } });
  }
  return blobs;
}

async function insertCrash(
  db: Kysely<TrackerTables>,
  crash: NewCrash,
  blobs: readonly NamedBlob[],
  now: Date,
): Promise<CrashId> {
  const { id } = await db
    .insertInto("crash")
    .values({ title: crash.title, program: crash.program, submitted_at: now.toISOString() })
    .returning("id")
    .executeTakeFirstOrThrow();
  for (const [position, [name, value]] of crash.inlineFields.entries()) {
    await db
      .insertInto("field")
      .values({ crash_id: id, position, name, value: toBytes(value) })
      .execute();
  }
  for (const [name, text] of crash.attachments) {
    const bytes = toBytes(text);
    const row = { crash_id: id, name, text: bytes, size_bytes: bytes.length };
    await db.insertInto("attachment").values(row).execute();
  }
  for (const { field, blob } of blobs) {
    const row = { crash_id: id, field, storage_name: blob.storageName, size_bytes: blob.sizeBytes };
    await db.insertInto("blob").values(row).execute();
  }
  for (const tag of crash.tags) await db.insertInto("tag").values({ crash_id: id, tag }).execute();
  return id;
}
