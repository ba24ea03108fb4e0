import { sql, type Transaction } from "kysely";
import type { DuplicatesSchema } from "./format.ts";
import type { CrashId, CrashStatus } from "./types.ts";

/** The changes to stored crashes. Each is a part of somebody's transaction. */
export type DuplicatesTransaction = Transaction<DuplicatesSchema>;

const now = sql<string>`CURRENT_TIMESTAMP`;

/** Stores what the tracker said. A crash that is not stored, or stands as the tracker says, is left alone. */
export async function applyStatus(
  transaction: DuplicatesTransaction,
  id: CrashId,
  status: CrashStatus,
): Promise<boolean> {
  if (status.kind === "invalid") return await removeCrash(transaction, id);
  if (status.kind === "open") return await setFixedVersion(transaction, id, null);
  const stored = await readCrash(transaction, id);
  // "Fixed, nobody knows where" is less than what a person has told us with `dupdb fixed`.
  if (status.version === "" && stored !== undefined && stored.fixed_version !== null) return true;
  return await setFixedVersion(transaction, id, status.version);
}

/** @returns whether the crash is stored. */
export async function setFixedVersion(
  transaction: DuplicatesTransaction,
  id: CrashId,
  version: string | null,
): Promise<boolean> {
  const stored = await readCrash(transaction, id);
  if (stored === undefined || stored.fixed_version === version) return stored !== undefined;
  await transaction
    .updateTable("crashes")
    .set({ fixed_version: version, last_change: now })
    .where("crash_id", "=", id)
    .execute();
  return true;
}

/** Deletes a crash with everything of it. @returns whether it was stored. */
export async function removeCrash(transaction: DuplicatesTransaction, id: CrashId): Promise<boolean> {
  return (await removeCrashes(transaction, [id])) > 0;
}

/** Deletes many crashes, with everything of them. @returns how many were stored. */
export async function removeCrashes(transaction: DuplicatesTransaction, ids: readonly CrashId[]): Promise<number> {
  let removed = 0;
  for (const some of inPieces(ids)) {
    const { numDeletedRows } = await transaction.deleteFrom("crashes").where("crash_id", "in", some).executeTakeFirst();
    removed += Number(numDeletedRows);
    for (const table of ["crash_digger_signatures", "crash_digger_addresses", "address_signatures"] as const) {
      await transaction.deleteFrom(table).where("crash_id", "in", some).execute();
    }
  }
  if (ids.length > 0) await promoteClaims(transaction);
  return removed;
}

// SQLite takes at most 32,766 values in one statement.
const idsInPiece = 5_000;

/** Ids in lists that fit into a statement each. */
export function* inPieces(ids: readonly CrashId[]): Generator<readonly CrashId[]> {
  for (let start = 0; start < ids.length; start += idsInPiece) yield ids.slice(start, start + idsInPiece);
}

/** Stores a crash as open, or gives a stored one its newer signature (after a better retrace). */
export async function storeCrash(transaction: DuplicatesTransaction, id: CrashId, signature: string): Promise<void> {
  const stored = await readCrash(transaction, id);
  if (stored?.signature === signature) return;
  await transaction
    .insertInto("crashes")
    .values({ signature, crash_id: id, fixed_version: null, last_change: now })
    .onConflict((conflict) => conflict.column("crash_id").doUpdateSet({ signature, last_change: now }))
    .execute();
}

/** Stores that an address signature is a crash's. Another's claim stays the first; ours is then kept beside it. */
export async function claimAddress(transaction: DuplicatesTransaction, signature: string, id: CrashId): Promise<void> {
  const holder = await transaction
    .selectFrom("address_signatures as address")
    .leftJoin("crashes", "crashes.crash_id", "address.crash_id")
    .select(["address.crash_id", "crashes.crash_id as stored"])
    .where("address.signature", "=", signature)
    .executeTakeFirst();
  if (holder?.crash_id === id) return;
  const row = { signature, crash_id: id };
  if (holder !== undefined && holder.stored !== null) {
    await transaction
      .insertInto("crash_digger_addresses")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return;
  }
  // Nobody's, or of a crash that another program removed without its address signatures.
  await transaction
    .insertInto("address_signatures")
    .values(row)
    .onConflict((conflict) => conflict.column("signature").doUpdateSet({ crash_id: id }))
    .execute();
}

/**
 * Gives everything of one crash to another, so that no row ever names a crash that was merged away: there are no
 * chains to follow. A master that is not stored takes the loser's row as it is.
 */
export async function moveRows(transaction: DuplicatesTransaction, loser: CrashId, master: CrashId): Promise<void> {
  const losing = await readCrash(transaction, loser);
  const winning = await readCrash(transaction, master);
  if (losing !== undefined && winning === undefined) {
    await transaction
      .updateTable("crashes")
      .set({ crash_id: master, last_change: now })
      .where("crash_id", "=", loser)
      .execute();
  }
  if (losing !== undefined && winning !== undefined) {
    await addSignature(transaction, losing.signature, master);
    await transaction.deleteFrom("crashes").where("crash_id", "=", loser).execute();
  }
  await moveReferences(transaction, loser, master);
}

async function moveReferences(transaction: DuplicatesTransaction, loser: CrashId, master: CrashId): Promise<void> {
  await transaction.updateTable("address_signatures").set({ crash_id: master }).where("crash_id", "=", loser).execute();
  for (const table of ["crash_digger_signatures", "crash_digger_addresses"] as const) {
    // OR REPLACE: the master may have the same signature already.
    await sql`UPDATE OR REPLACE ${sql.table(table)} SET crash_id = ${master} WHERE crash_id = ${loser}`.execute(
      transaction,
    );
  }
  await transaction.updateTable("crash_digger_merges").set({ master }).where("master", "=", loser).execute();
  await promoteClaims(transaction);
}

/** Stores a further signature of a crash. */
export async function addSignature(transaction: DuplicatesTransaction, signature: string, id: CrashId): Promise<void> {
  await transaction
    .insertInto("crash_digger_signatures")
    .values({ signature, crash_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

// A claim that stood behind another's moves up when that one is gone; one that stood behind its own is no longer needed.
async function promoteClaims(transaction: DuplicatesTransaction): Promise<void> {
  await sql`INSERT INTO address_signatures (signature, crash_id)
    SELECT claim.signature, min(claim.crash_id) FROM crash_digger_addresses AS claim
    JOIN crashes ON crashes.crash_id = claim.crash_id
    WHERE NOT EXISTS (SELECT 1 FROM address_signatures AS address WHERE address.signature = claim.signature)
    GROUP BY claim.signature`.execute(transaction);
  await sql`DELETE FROM crash_digger_addresses WHERE EXISTS (
    SELECT 1 FROM address_signatures AS address
    WHERE address.signature = crash_digger_addresses.signature
    AND address.crash_id = crash_digger_addresses.crash_id)`.execute(transaction);
}

/** A crash's row as it is stored. */
export async function readCrash(transaction: DuplicatesTransaction, id: CrashId) {
  return await transaction
    .selectFrom("crashes")
    .select(["signature", "fixed_version"])
    .where("crash_id", "=", id)
    .executeTakeFirst();
}
