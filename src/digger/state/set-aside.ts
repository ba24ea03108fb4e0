import type { Kysely } from "kysely";
import { z } from "zod";
import type { Database } from "../../database/open-database.ts";
import { ServiceFailure } from "../../system/failure.ts";
import type { CrashId } from "../../tracker/types.ts";
import { storedRows } from "./stored-rows.ts";
import type { Tables } from "./tables.ts";

const markTag = z.string();

const asideSchema = z.discriminatedUnion("kind", [
  /** Tried, to be tried again at `nextAt` (ISO 8601, UTC). */
  z.strictObject({ kind: z.literal("retry"), markTag, tries: z.int(), nextAt: z.string(), reason: z.string() }),
  /** Has its best trace; waits for the debug symbols of these files, until `until`. */
  z.strictObject({
    kind: z.literal("parked"),
    markTag,
    release: z.string().nullable(),
    architecture: z.string(),
    modules: z.array(z.strictObject({ path: z.string(), buildId: z.string() })),
    until: z.string(),
  }),
  /** A dead letter: a person has to look. */
  z.strictObject({ kind: z.literal("dead"), markTag, reason: z.string() }),
  /** A person has given it up. */
  z.strictObject({ kind: z.literal("buried"), markTag, reason: z.string() }),
]);

/**
 * Why a crash is not worked on for the moment. `markTag` is the tracker's tag by which it is, or was, on the
 * work list.
 */
export type SetAside = z.infer<typeof asideSchema>;

/** A crash that is set aside, and since when (ISO 8601, UTC). */
export type AsideCrash = { readonly crash: CrashId; readonly since: string; readonly aside: SetAside };

export type AsideRecords = {
  /** All that are set aside, lowest id first. */
  allAside(): Promise<readonly AsideCrash[]>;
  asideOf(crash: CrashId): Promise<SetAside | null>;
  /** They go back to where the tracker says they are. */
  forgetAside(crashes: readonly CrashId[]): Promise<void>;
};

/** The crashes that are set aside. */
export function asideRecords({ kysely, transaction }: Database<Tables>): AsideRecords {
  return {
    async allAside() {
      const rows = await kysely.selectFrom("set_aside").selectAll().orderBy("crash_id").execute();
      return storedRows("set_aside", rows).map((row) => ({
        crash: row.crash_id,
        since: row.since,
        aside: parseAside(row),
      }));
    },
    async asideOf(crash) {
      const found = await kysely.selectFrom("set_aside").selectAll().where("crash_id", "=", crash).execute();
      const [row] = storedRows("set_aside", found);
      return row === undefined ? null : parseAside(row);
    },
    async forgetAside(crashes) {
      if (crashes.length === 0) return;
      await transaction(async (inside) => {
        for (const crash of crashes) await putAside(inside, crash, null, new Date(0));
      });
    },
  };
}

/** Sets a crash aside, or (null) no longer; a part of somebody's transaction. */
export async function putAside(
  transaction: Kysely<Tables>,
  crash: CrashId,
  aside: SetAside | null,
  now: Date,
): Promise<void> {
  await transaction.deleteFrom("set_aside").where("crash_id", "=", crash).execute();
  if (aside === null) return;
  const row = { crash_id: crash, kind: aside.kind, since: now.toISOString(), facts: JSON.stringify(aside) };
  await transaction.insertInto("set_aside").values(row).execute();
}

function parseAside(row: Tables["set_aside"]): SetAside {
  try {
    return asideSchema.parse(JSON.parse(row.facts));
  } catch (cause) {
    throw new ServiceFailure(`state.db: what is stored about crash ${row.crash_id} cannot be read`, {
      cause,
      remedy: `DELETE FROM set_aside WHERE crash_id = ${row.crash_id}: the tracker's own marks are enough to go on.`,
    });
  }
}
