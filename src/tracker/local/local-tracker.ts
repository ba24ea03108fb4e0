import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Kysely } from "kysely";
import { type Database, type IntegrityDepth, openDatabase } from "../../database/open-database.ts";
import { type Clock, systemClock } from "../../system/clock.ts";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import { isGate } from "../gate.ts";
import { tagOfMark } from "../marks.ts";
import type { Applied, CrashId, Edit, EditOutcome, Tracker } from "../types.ts";
import { applyEdit } from "./apply-edit.ts";
import { openBlob } from "./blobs.ts";
import { coreFields } from "./describe-report.ts";
import { allCrashes, type ListedCrash, type ListFilter, listCrashes, openCrashesTagged } from "./list-crashes.ts";
import { trackerMigrations } from "./migrations.ts";
import { makePrivateFolder } from "./private-files.ts";
import { type LocalCrash, readCrash, readLeftBehind, readStatuses, readTags } from "./read-crash.ts";
import { storedRows } from "./stored-rows.ts";
import { type SubmitOptions, type SubmitPlace, type SubmitResult, submitReport } from "./submit.ts";
import { removeOrphans, sweep } from "./sweep.ts";
import type { TrackerTables } from "./tables.ts";

/** The local tracker: what every tracker can do, and what its commands need. */
export type LocalTracker = Tracker & {
  /**
   * Files a report from a file or a stream.
   *
   * @throws ServiceFailure when the tracker cannot keep it (disk full, damaged database).
   */
  submit(source: string | Readable, options: Omit<SubmitOptions, "now">): Promise<SubmitResult>;
  /** The crashes that fit, lowest id first. */
  list(filter: ListFilter): Promise<readonly ListedCrash[]>;
  /** All about one crash; null when there is none with this id. */
  show(id: CrashId): Promise<LocalCrash | null>;
  /** A person's comment. Unlike an edit's it has no marker: said twice, it is there twice. */
  say(id: CrashId, subject: string, body: string): Promise<EditOutcome | { readonly kind: "absent" }>;
  /** Takes a crash out of its group of duplicates. */
  unmarkDuplicate(id: CrashId): Promise<EditOutcome | { readonly kind: "absent" }>;
  /** Throws ServiceFailure when the database is damaged. */
  integrityCheck(depth?: IntegrityDepth): Promise<void>;
  close(): Promise<void>;
};

/**
 * Opens the tracker in a folder, making it when it is not there, and removes what interrupted submissions left; not
 * before its database was found sound, if a check is asked for.
 *
 * @throws ServiceFailure when the folder or the database cannot be used.
 */
export async function openLocalTracker(
  folder: string,
  options: { readonly clock?: Clock; readonly check?: IntegrityDepth } = {},
): Promise<LocalTracker> {
  const clock = options.clock ?? systemClock;
  const place = await openPlace(folder);
  try {
    if (options.check !== undefined) await place.database.integrityCheck(options.check);
    await sweep(place, clock.now());
  } catch (error) {
    await place.database.close();
    throw error;
  }
  return { ...portOf(place, clock), ...commandsOf(place, clock) };
}

function portOf(place: SubmitPlace, clock: Clock): Tracker {
  const { database } = place;
  return {
    name: "local",
    pending: (architecture) => openCrashesTagged(database.kysely, tagOfMark({ kind: "retrace", architecture })),
    dupcheckOnly: () => openCrashesTagged(database.kysely, tagOfMark({ kind: "duplicate-check" })),
    changedSince: () => allCrashes(database.kysely),
    header: async (id) => {
      const crash = await database.transaction((db) => readCrash(db, id));
      return crash === null ? { kind: "absent" } : { kind: "header", header: crash.header };
    },
    openCore: (id) => openCore(place, id),
    statusOf: (ids) => readStatuses(database.kysely, ids),
    tagsOf: (id) => readTags(database.kysely, id),
    leftBehind: (id) => readLeftBehind(database.kysely, id),
    apply: async (id, edit, memory) => {
      const next = memory?.next ?? [];
      const applied = await applyTogether(database, id, edit, next, clock.now());
      if ([edit, ...next].some(removesFiles)) await removeOrphans(database, place.filesFolder);
      return applied;
    },
  };
}

function commandsOf(place: SubmitPlace, clock: Clock): Omit<LocalTracker, keyof Tracker> {
  const { database } = place;
  return {
    submit: (source, options) => submitReport(place, source, { ...options, now: clock.now() }),
    list: (filter) => database.transaction((db) => listCrashes(db, filter)),
    show: (id) => database.transaction((db) => readCrash(db, id)),
    say: (id, subject, body) =>
      onCrash(database, id, async (db) => {
        const row = { crash_id: id, marker: null, subject, body, written_at: clock.now().toISOString() };
        await db.insertInto("comment").values(row).execute();
        return { kind: "done" };
      }),
    unmarkDuplicate: (id) =>
      onCrash(database, id, async (db) => {
        const change = db.updateTable("crash").set({ duplicate_of: null }).where("id", "=", id);
        const result = await change.where("duplicate_of", "is not", null).executeTakeFirst();
        return { kind: result.numUpdatedRows > 0n ? "done" : "already" };
      }),
    integrityCheck: (depth) => database.integrityCheck(depth),
    close: () => database.close(),
  };
}

async function openPlace(folder: string): Promise<SubmitPlace> {
  const place = { incomingFolder: join(folder, "incoming"), filesFolder: join(folder, "files") };
  const databasePath = join(folder, "tracker.db");
  try {
    await makePrivateFolder(folder);
    await makePrivateFolder(place.incomingFolder);
    await makePrivateFolder(place.filesFolder);
  } catch (error) {
    throw new ServiceFailure(`the tracker's folder ${folder} cannot be used: ${messageOf(error)}`, {
      cause: error,
      remedy: "Give this user the right to read and write there, or configure another folder (tracker.dir).",
    });
  }
  return { ...place, database: await openDatabase<TrackerTables>(databasePath, { migrations: trackerMigrations }) };
}

/** Carries out an edit and, in the same transaction, what is planned behind it: every commit waits for the disk. */
async function applyTogether(
  database: Database<TrackerTables>,
  id: CrashId,
  edit: Edit,
  next: readonly Edit[],
  now: Date,
): Promise<Applied> {
  try {
    return await onCrash(database, id, (db) => applyInOrder(db, id, [edit, ...next], now));
  } catch (error) {
    if (next.length === 0) throw error;
    // Alone, so that whichever of them cannot be carried out fails in its own name.
    return await onCrash(database, id, (db) => applyEdit(db, id, edit, now));
  }
}

async function applyInOrder(
  db: Kysely<TrackerTables>,
  id: CrashId,
  [edit, ...following]: readonly [Edit, ...Edit[]],
  now: Date,
): Promise<Exclude<Applied, { kind: "absent" }>> {
  const outcome = await applyEdit(db, id, edit, now);
  const next: EditOutcome[] = [];
  let [before, became] = [edit, outcome];
  for (const each of following) {
    if (isGate(before) && became.kind === "dropped") break;
    [before, became] = [each, await applyEdit(db, id, each, now)];
    next.push(became);
  }
  return next.length === 0 ? outcome : { ...outcome, next };
}

// In a transaction: a file is removed only after the row is, so that a row seen here has its file.
function openCore(place: SubmitPlace, id: CrashId): Promise<Readable | null> {
  return place.database.transaction(async (db) => {
    const found = await db
      .selectFrom("blob")
      .select(["field", "storage_name", "size_bytes"])
      .where("crash_id", "=", id)
      .where("field", "in", coreFields)
      .orderBy("field")
      .limit(1)
      .execute();
    const [core] = storedRows("blob", found);
    if (core === undefined) return null;
    const blob = { storageName: core.storage_name, sizeBytes: core.size_bytes };
    return (await openBlob(place.filesFolder, blob)) ?? missingCore(id, join(place.filesFolder, core.storage_name));
  });
}

function missingCore(id: CrashId, path: string): never {
  throw new ServiceFailure(`the core of crash ${id} is missing: ${path}`, {
    remedy: `Put the file back from a backup, or give the crash up: crash-digger set-status ${id} invalid`,
  });
}

/** One transaction on a crash, if it is there. */
function onCrash(
  database: Database<TrackerTables>,
  id: CrashId,
  work: (
    db: Parameters<Parameters<typeof database.transaction>[0]>[0],
  ) => Promise<Exclude<Applied, { kind: "absent" }>>,
): Promise<Applied> {
  return database.transaction(async (db) => {
    const crash = await db.selectFrom("crash").select("id").where("id", "=", id).executeTakeFirst();
    return crash === undefined ? { kind: "absent" } : work(db);
  });
}

function removesFiles(edit: Edit): boolean {
  return edit.kind === "remove-core" || edit.kind === "remove-attachments";
}
