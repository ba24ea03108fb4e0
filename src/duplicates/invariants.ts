import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { typedRows } from "../database/typed-rows.ts";
import type { DuplicatesSchema } from "./format.ts";
import { quoteSignature } from "./quote.ts";

const maxListed = 100;

/**
 * What is wrong in a file that SQLite finds sound, one sentence each, at most a hundred of a kind: address signatures
 * of crashes that are not stored, and address signatures that two open crashes claim. (An open crash beside a fixed one
 * is a regression, and as it should be.)
 */
export async function findProblems(kysely: Kysely<DuplicatesSchema>): Promise<readonly string[]> {
  return [...(await orphans(kysely)), ...(await contradictions(kysely))];
}

const addressRow = z.object({ signature: z.string(), id: z.int() });
const claimRow = addressRow.extend({ other: z.int() });
const addresses = "address signatures of the duplicate database";

async function orphans(kysely: Kysely<DuplicatesSchema>): Promise<readonly string[]> {
  const { rows } = await sql`SELECT address.signature, address.crash_id AS id
    FROM address_signatures AS address LEFT JOIN crashes ON crashes.crash_id = address.crash_id
    WHERE crashes.crash_id IS NULL ORDER BY address.crash_id, address.signature LIMIT ${maxListed}`.execute(kysely);
  return typedRows(addressRow, rows, addresses).map(
    (row) => `address signature of crash ${row.id}, which is not stored: ${quoteSignature(row.signature)}`,
  );
}

async function contradictions(kysely: Kysely<DuplicatesSchema>): Promise<readonly string[]> {
  const { rows } = await sql`
    SELECT claim.signature, address.crash_id AS id, claim.crash_id AS other
    FROM crash_digger_addresses AS claim
    JOIN address_signatures AS address ON address.signature = claim.signature
    JOIN crashes AS one ON one.crash_id = address.crash_id AND one.fixed_version IS NULL
    JOIN crashes AS two ON two.crash_id = claim.crash_id AND two.fixed_version IS NULL
    ORDER BY id, other, claim.signature LIMIT ${maxListed}`.execute(kysely);
  return typedRows(claimRow, rows, addresses).map(
    (row) =>
      `address signature claimed by crashes ${row.id} and ${row.other}, both open: ${quoteSignature(row.signature)}`,
  );
}
