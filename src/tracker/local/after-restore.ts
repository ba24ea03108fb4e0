import { readdir } from "node:fs/promises";
import { type Kysely, sql } from "kysely";
import { openDatabase } from "../../database/open-database.ts";
import { failedTag, isPendingTag } from "../marks.ts";
import type { CrashId } from "../types.ts";
import { coreFields } from "./describe-report.ts";
import { trackerMigrations } from "./migrations.ts";
import { storedRows } from "./stored-rows.ts";
import type { TrackerTables } from "./tables.ts";

export type RestoredTracker = {
  /** The moment that the database is from. */
  readonly asOf: Date;
  readonly now: Date;
  /** The highest crash that anybody knows of; no new crash gets an id up to it. */
  readonly highestKnown: CrashId;
};

/** What the restore has cost. */
export type TrackerLosses = {
  /** Pending crashes whose core is gone: they were decided after the backup, and what came of it is lost. */
  readonly coresGone: readonly CrashId[];
  /** Stored files of reports that were filed after the backup. */
  readonly strayFiles: readonly string[];
};

// Crashes that were filed after the backup and that nobody has worked on yet are known to nobody. So many ids are left out.
const idsLeftOut = 1000;

/**
 * Makes a tracker's database of some time ago fit to the files of today. To be called before it has its place.
 *
 * - The id of a crash that was filed since is never given again: people and the duplicate database remember it.
 * - A core that was removed since is not waited for: its crash leaves the work list and says why. It stays open, and with
 *   the tag its next duplicate gives it a trace.
 */
export async function settleRestoredTracker(
  databasePath: string,
  filesFolder: string,
  restored: RestoredTracker,
): Promise<TrackerLosses> {
  const files = new Set(await filesIn(filesFolder));
  const database = await openDatabase<TrackerTables>(databasePath, { migrations: trackerMigrations });
  try {
    return await database.transaction(async (db) => {
      await leaveIdsOut(db, restored.highestKnown);
      const blobs = storedRows("blob", await db.selectFrom("blob").selectAll().execute());
      const orphans = storedRows("orphan", await db.selectFrom("orphan").selectAll().execute());
      const known = new Set([...blobs, ...orphans].map((row) => row.storage_name));
      const coresGone = await forgetMissing(db, files, restored);
      return { coresGone, strayFiles: [...files].filter((name) => !known.has(name)).sort() };
    });
  } finally {
    await database.close();
  }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function leaveIdsOut(db: Kysely<TrackerTables>, highestKnown: CrashId): Promise<void> {
  const last = await sql<{ seq: number }>`SELECT seq FROM sqlite_sequence WHERE name = 'crash'`.execute(db);
  const next = Math.max(highestKnown, last.rows[0]?.seq ?? 0) + idsLeftOut;
  if (last.rows.length === 0) await sql`INSERT INTO sqlite_sequence (name, seq) VALUES ('crash', ${next})`.execute(db);
  else await sql`UPDATE sqlite_sequence SET seq = ${next} WHERE name = 'crash'`.execute(db);
}

async function forgetMissing(
  db: Kysely<TrackerTables>,
  files: ReadonlySet<string>,
  restored: RestoredTracker,
): Promise<readonly CrashId[]> {
  const gone: CrashId[] = [];
  for (const { crash_id, field, storage_name } of await db.selectFrom("blob").selectAll().execute()) {
    if (files.has(storage_name)) continue;
    await db.deleteFrom("blob").where("storage_name", "=", storage_name).execute();
    if (coreFields.includes(field) && (await giveUp(db, crash_id, restored))) gone.push(crash_id);
  }
  return gone;
}

async function giveUp(db: Kysely<TrackerTables>, id: CrashId, { asOf, now }: RestoredTracker): Promise<boolean> {
  const tags = await db.selectFrom("tag").select("tag").where("crash_id", "=", id).execute();
  const marks = tags.map(({ tag }) => tag).filter(isPendingTag);
  if (marks.length === 0) return false;
  await db.deleteFrom("tag").where("crash_id", "=", id).where("tag", "in", marks).execute();
  await db
    .insertInto("tag")
    .values({ tag: failedTag, crash_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const body =
    `The tracker was put back to its state of ${asOf.toISOString()}. This crash was worked on after that; its core ` +
    "was removed then, and what came of it is lost. It stays open: the next crash like it brings a trace.";
  const comment = { crash_id: id, marker: `crash-digger:core-gone:${id}`, subject: "Trace lost", body };
  await db
    .insertInto("comment")
    .values({ ...comment, written_at: now.toISOString() })
    .onConflict((conflict) => conflict.columns(["crash_id", "marker"]).doNothing())
    .execute();
  return true;
}
