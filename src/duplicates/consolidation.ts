import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { typedRows } from "../database/typed-rows.ts";
import type { DuplicatesSchema } from "./format.ts";
import { type DuplicatesTransaction, inPieces, removeCrashes } from "./rows.ts";
import type { Consolidated, CrashId, StatusChange } from "./types.ts";

const time = z.iso.datetime().transform((text) => new Date(text));
const consolidatedRow = z.object({ source: z.string(), heardAt: time, fullAt: time });
const statusRow = z.object({ id: z.int(), signature: z.string(), fixedVersion: z.string().nullable() });

/** The last consolidation; null when there was none. */
export async function readConsolidated(kysely: Kysely<DuplicatesSchema>): Promise<Consolidated | null> {
  const rows = await kysely
    .selectFrom("crash_digger_consolidation")
    .select(["source", "heard_at as heardAt", "full_at as fullAt"])
    .execute();
  return typedRows(consolidatedRow, rows, "consolidations of the duplicate database")[0] ?? null;
}

/**
 * Carries out changes of status, and notes the consolidation that they come from. The tracker was asked outside of
 * the transaction, which may have taken minutes: a crash that is not as it was then has been changed by somebody who
 * knew more (a batch, a person), and is left alone.
 *
 * @param consolidated null when it has not come to its end.
 * @returns the ids of those that were left alone.
 */
export async function applyChanges(
  transaction: DuplicatesTransaction,
  changes: readonly StatusChange[],
  consolidated: Consolidated | null,
): Promise<readonly CrashId[]> {
  const now = await statusesOf(
    transaction,
    changes.map(({ id }) => id),
  );
  const { asHeard = [], changedMeanwhile = [] } = Object.groupBy(changes, ({ id, signature, was }) => {
    const row = now.get(id);
    return row?.signature === signature && row.fixedVersion === was ? "asHeard" : "changedMeanwhile";
  });
  const removed = asHeard.filter(({ becomes }) => becomes.kind === "removed");
  await removeCrashes(
    transaction,
    removed.map(({ id }) => id),
  );
  const kept = Map.groupBy(asHeard, ({ becomes }) => (becomes.kind === "removed" ? undefined : versionOf(becomes)));
  for (const [version, some] of kept) if (version !== undefined) await setVersions(transaction, some, version);
  if (consolidated !== null) await noteConsolidated(transaction, consolidated);
  return changedMeanwhile.map(({ id }) => id);
}

function versionOf(becomes: Exclude<StatusChange["becomes"], { kind: "removed" }>): string | null {
  return becomes.kind === "open" ? null : becomes.version;
}

async function statusesOf(transaction: DuplicatesTransaction, ids: readonly CrashId[]) {
  const found = new Map<CrashId, z.output<typeof statusRow>>();
  for (const some of inPieces(ids)) {
    const rows = await transaction
      .selectFrom("crashes")
      .select(["crash_id as id", "signature", "fixed_version as fixedVersion"])
      .where("crash_id", "in", some)
      .execute();
    for (const row of typedRows(statusRow, rows, "crashes of the duplicate database")) found.set(row.id, row);
  }
  return found;
}

async function setVersions(
  transaction: DuplicatesTransaction,
  changes: readonly StatusChange[],
  version: string | null,
): Promise<void> {
  for (const some of inPieces(changes.map(({ id }) => id))) {
    await transaction
      .updateTable("crashes")
      .set({ fixed_version: version, last_change: sql<string>`CURRENT_TIMESTAMP` })
      .where("crash_id", "in", some)
      .execute();
  }
}

async function noteConsolidated(
  transaction: DuplicatesTransaction,
  { source, heardAt, fullAt }: Consolidated,
): Promise<void> {
  const row = { one: 1, source, heard_at: heardAt.toISOString(), full_at: fullAt.toISOString() };
  await transaction
    .insertInto("crash_digger_consolidation")
    .values(row)
    .onConflict((conflict) => conflict.column("one").doUpdateSet(row))
    .execute();
}
