import type { Kysely } from "kysely";
import { z } from "zod";
import { typedRows } from "../database/typed-rows.ts";
import type { DuplicatesSchema } from "./format.ts";
import type { CrashDetails, CrashId, StoredCrash } from "./types.ts";

const pageRows = 1000;

const crashRow = z.object({
  id: z.int(),
  signature: z.string(),
  fixedVersion: z.string().nullable(),
  lastChange: z.string().nullable(),
});
const signatureRow = z.object({ signature: z.string() });
const crashes = "crashes of the duplicate database";

/** Every stored crash, by id, in constant memory. What changes meanwhile may or may not be seen. */
export async function* dumpCrashes(kysely: Kysely<DuplicatesSchema>): AsyncGenerator<StoredCrash> {
  let after = Number.MIN_SAFE_INTEGER;
  while (true) {
    const rows = await crashColumns(kysely).where("crash_id", ">", after).orderBy("crash_id").limit(pageRows).execute();
    const page = typedRows(crashRow, rows, crashes);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) return;
    after = last.id;
  }
}

/** One stored crash, or null. */
export async function readStoredCrash(kysely: Kysely<DuplicatesSchema>, id: CrashId): Promise<StoredCrash | null> {
  const rows = await crashColumns(kysely).where("crash_id", "=", id).execute();
  return typedRows(crashRow, rows, crashes)[0] ?? null;
}

/** One stored crash with everything that belongs to it, or null. */
export async function readDetails(kysely: Kysely<DuplicatesSchema>, id: CrashId): Promise<CrashDetails | null> {
  const crash = await readStoredCrash(kysely, id);
  if (crash === null) return null;
  const further = await signaturesIn(kysely, "crash_digger_signatures", id);
  const addresses = await signaturesIn(kysely, "address_signatures", id);
  const claims = await signaturesIn(kysely, "crash_digger_addresses", id);
  const merges = await kysely
    .selectFrom("crash_digger_merges")
    .select("loser")
    .where("master", "=", id)
    .orderBy("loser")
    .execute();
  return {
    ...crash,
    furtherSignatures: further,
    addressSignatures: [...addresses, ...claims].toSorted(),
    mergedFrom: merges.map((row) => row.loser),
  };
}

function crashColumns(kysely: Kysely<DuplicatesSchema>) {
  return kysely
    .selectFrom("crashes")
    .select(["crash_id as id", "signature", "fixed_version as fixedVersion", "last_change as lastChange"]);
}

async function signaturesIn(
  kysely: Kysely<DuplicatesSchema>,
  table: "crash_digger_signatures" | "address_signatures" | "crash_digger_addresses",
  id: CrashId,
): Promise<readonly string[]> {
  const rows = await kysely
    .selectFrom(table)
    .select("signature")
    .where("crash_id", "=", id)
    .orderBy("signature")
    .execute();
  return typedRows(signatureRow, rows, "signatures of the duplicate database").map((row) => row.signature);
}
