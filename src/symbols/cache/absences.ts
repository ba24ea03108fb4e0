import { z } from "zod";
import type { Database } from "../../database/open-database.ts";
import type { Clock } from "../../system/clock.ts";
import type { Absence, SymbolPart } from "../types.ts";
import type { CacheSchema } from "./cache-database.ts";

/** What was asked: for a part of a build-id, in one apt root, with these words (path and hints, as a digest). */
export type AbsenceKey = {
  readonly root: string;
  readonly buildId: string;
  /** Of a module; or `source` for a source package, or for which one a build-id was built from. */
  readonly part: SymbolPart | "source";
  readonly question: string;
};

/** The answer "it is not there", and by which lists. */
export type FoundAbsence = AbsenceKey & { readonly lists: readonly string[]; readonly absence: Absence };

/** The negative cache: what archives were asked for and did not have. */
export type Absences = {
  /** What is remembered of these and not too old; the caller says whether the lists are still those. */
  recall(keys: readonly AbsenceKey[]): Promise<readonly FoundAbsence[]>;
  remember(found: readonly FoundAbsence[]): Promise<void>;
  /** Forgets what is too old. */
  tidy(): Promise<void>;
  count(): Promise<{ readonly fresh: number; readonly expired: number }>;
};

// A core may name thousands of build-ids that exist nowhere. 200,000 of these are some 100 MB.
const maxKept = 200_000;
const maxAtOnce = 8000;

const absenceSchema = z.object({
  status: z.enum(["no-debug-symbols", "wrong-version", "not-packaged", "gone", "no-file", "no-build-id"]),
  reason: z.string(),
  versionWanted: z.string().nullable(),
  versionsAvailable: z.array(z.string()),
});

/** @param ttlMs how long an absence is believed; 0 switches the memory off */
export function absencesOf(database: Database<CacheSchema>, ttlMs: number, clock: Clock): Absences {
  const now = (): number => clock.now().getTime();
  const expiredAt = (): number => now() - ttlMs;
  return {
    recall: async (keys) => {
      const found: FoundAbsence[] = [];
      const asked = ttlMs === 0 ? [] : keys.slice(0, maxAtOnce);
      const rows = await rowsOf(database, asked);
      for (const key of asked) {
        const row = rows.get(nameOf(key.root, key.buildId, key.part, key.question));
        const absence = row === undefined ? null : parseRow(row);
        // A time to come was noted before the clock was set back.
        if (row === undefined || absence === null || row.found_at <= expiredAt() || row.found_at > now()) continue;
        found.push({ ...key, ...absence });
      }
      return found;
    },
    remember: async (found) => {
      if (ttlMs === 0 || found.length === 0) return;
      await database.transaction(async (transaction) => {
        for (const each of found.slice(0, maxAtOnce)) {
          await transaction.replaceInto("absences").values(toRow(each, now())).execute();
        }
      });
    },
    tidy: async () => {
      const row = await database.kysely
        .selectFrom("absences")
        .select("found_at")
        .orderBy("found_at", "desc")
        .offset(maxKept)
        .limit(1)
        .executeTakeFirst();
      const before = Math.max(expiredAt(), row?.found_at ?? 0);
      await database.kysely.deleteFrom("absences").where("found_at", "<=", before).execute();
    },
    count: async () => {
      const { total, fresh } = await database.kysely
        .selectFrom("absences")
        .select((eb) => [
          eb.fn.countAll<number>().as("total"),
          eb.fn.countAll<number>().filterWhere("found_at", ">", expiredAt()).as("fresh"),
        ])
        .executeTakeFirstOrThrow();
      return { fresh, expired: total - fresh };
    },
  };
}

type Row = CacheSchema["absences"];

// Keys of one statement.
const atATime = 100;

async function rowsOf(database: Database<CacheSchema>, keys: readonly AbsenceKey[]): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>();
  for (let from = 0; from < keys.length; from += atATime) {
    const some = await database.kysely
      .selectFrom("absences")
      .selectAll()
      .where((eb) => eb.or(keys.slice(from, from + atATime).map((key) => eb.and(columnsOf(key)))))
      .execute();
    for (const row of some) rows.set(nameOf(row.root, row.build_id, row.part, row.question), row);
  }
  return rows;
}

function columnsOf({ root, buildId, part, question }: AbsenceKey) {
  return { root, build_id: buildId, part, question };
}

function nameOf(...key: readonly string[]): string {
  return key.join("\0");
}

function toRow(found: FoundAbsence, foundAt: number): CacheSchema["absences"] {
  return {
    ...columnsOf(found),
    found_at: foundAt,
    lists: JSON.stringify(found.lists),
    absence: JSON.stringify(found.absence),
  };
}

function parseRow(row: CacheSchema["absences"]): Pick<FoundAbsence, "lists" | "absence"> | null {
  try {
    const lists = z.array(z.string()).parse(JSON.parse(row.lists));
    return { lists, absence: absenceSchema.parse(JSON.parse(row.absence)) };
  } catch {
    // From another version, or damaged: not remembered is never wrong, the archive is asked again.
    return null;
  }
}
