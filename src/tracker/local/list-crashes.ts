import type { Kysely } from "kysely";
import { isPendingTag } from "../marks.ts";
import type { CrashId, CrashStatus } from "../types.ts";
import { statusOfRow } from "./status.ts";
import { storedRows } from "./stored-rows.ts";
import type { TrackerTables } from "./tables.ts";

/** Which crashes are asked for; conditions that are left out do not restrict. */
export type ListFilter = {
  readonly status?: CrashStatus["kind"];
  /** Only those that wait for work. */
  readonly pending?: boolean;
  readonly tag?: string;
};

/** One line of the list. */
export type ListedCrash = {
  readonly id: CrashId;
  readonly title: string;
  readonly program: string | null;
  readonly status: CrashStatus;
  readonly duplicateOf: CrashId | null;
  readonly tags: readonly string[];
  readonly submittedAt: string;
};

type Database = Kysely<TrackerTables>;

/** The crashes that fit a filter, lowest id first. To be run in a transaction. */
export async function listCrashes(db: Database, filter: ListFilter): Promise<readonly ListedCrash[]> {
  const tags = await tagsByCrash(db);
  const rows = await db.selectFrom("crash").selectAll().orderBy("id").execute();
  return storedRows("crash", rows)
    .map((row) => ({
      id: row.id,
      title: row.title,
      program: row.program,
      status: statusOfRow(row),
      duplicateOf: row.duplicate_of,
      tags: tags.get(row.id) ?? [],
      submittedAt: row.submitted_at,
    }))
    .filter((crash) => fits(crash, filter));
}

async function tagsByCrash(db: Database): Promise<Map<CrashId, string[]>> {
  const rows = await db.selectFrom("tag").selectAll().orderBy("crash_id").orderBy("tag").execute();
  const byCrash = new Map<CrashId, string[]>();
  for (const { crash_id, tag } of storedRows("tag", rows)) {
    const tags = byCrash.get(crash_id);
    if (tags === undefined) byCrash.set(crash_id, [tag]);
    else tags.push(tag);
  }
  return byCrash;
}

function fits(crash: ListedCrash, filter: ListFilter): boolean {
  if (filter.status !== undefined && crash.status.kind !== filter.status) return false;
  if (filter.tag !== undefined && !crash.tags.includes(filter.tag)) return false;
  return filter.pending !== true || waits(crash);
}

function waits(crash: ListedCrash): boolean {
  return crash.status.kind === "open" && crash.duplicateOf === null && crash.tags.some(isPendingTag);
}

/** Ids of the open crashes with this tag that are no duplicates, lowest first. */
export async function openCrashesTagged(db: Database, tag: string): Promise<readonly CrashId[]> {
  const rows = await db
    .selectFrom("tag")
    .innerJoin("crash", "crash.id", "tag.crash_id")
    .select("crash.id")
    .where("tag.tag", "=", tag)
    .where("crash.status", "=", "open")
    .where("crash.duplicate_of", "is", null)
    .orderBy("crash.id")
    .execute();
  return rows.map((row) => row.id);
}

/** Ids of all crashes, lowest first. */
export async function allCrashes(db: Database): Promise<readonly CrashId[]> {
  const rows = await db.selectFrom("crash").select("id").orderBy("id").execute();
  return rows.map((row) => row.id);
}
