import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { typedRows } from "../database/typed-rows.ts";
import type { DuplicatesSchema } from "./format.ts";
import type { Candidate, Candidates } from "./rules.ts";
import type { CrashId } from "./types.ts";

const candidateRow = z.object({ id: z.int(), fixedVersion: z.string().nullable() });

/** The stored crashes, other than the report itself, that share its signature or its address signature. */
export async function readCandidates(
  kysely: Kysely<DuplicatesSchema>,
  report: { readonly id: CrashId; readonly signature: string | null; readonly addressSignature: string | null },
): Promise<Candidates> {
  const others = (candidate: Candidate): boolean => candidate.id !== report.id;
  return {
    bySignature: report.signature === null ? [] : (await withSignature(kysely, report.signature)).filter(others),
    byAddress:
      report.addressSignature === null ? [] : (await withAddress(kysely, report.addressSignature)).filter(others),
  };
}

/** Every crash that claims an address signature. */
export async function withAddress(kysely: Kysely<DuplicatesSchema>, signature: string): Promise<readonly Candidate[]> {
  const { rows } = await sql`SELECT crash_id AS id, fixed_version AS "fixedVersion" FROM crashes
    WHERE crash_id IN (
      SELECT crash_id FROM address_signatures WHERE signature = ${signature}
      UNION SELECT crash_id FROM crash_digger_addresses WHERE signature = ${signature})
    ORDER BY crash_id`.execute(kysely);
  return typedRows(candidateRow, rows, "crashes of the duplicate database");
}

async function withSignature(kysely: Kysely<DuplicatesSchema>, signature: string): Promise<readonly Candidate[]> {
  const { rows } = await sql`SELECT crash_id AS id, fixed_version AS "fixedVersion" FROM crashes
    WHERE crash_id IN (
      SELECT crash_id FROM crashes WHERE signature = ${signature}
      UNION SELECT crash_id FROM crash_digger_signatures WHERE signature = ${signature})
    ORDER BY crash_id`.execute(kysely);
  return typedRows(candidateRow, rows, "crashes of the duplicate database");
}
