import { type Kysely, sql } from "kysely";
import { DamagedDatabase } from "./damaged-database.ts";

const maxProblems = 20;

// Each entry of an index is looked up in its table, all over the file: with a small cache the same pages are read again and
// again, and a million rows take more than twice the time.
const checkCacheKiB = 65_536;

/** Pages that a connection keeps. SQLite's own 2 MB fill up over hundreds of crashes; the kernel has the file at hand anyway. */
export const usualCacheKiB = 512;

/**
 * Asks SQLite whether the file is sound: every page, every row, every index against its table.
 *
 * @throws DamagedDatabase with SQLite's words when it is not.
 */
export async function checkIntegrity(kysely: Kysely<unknown>, path: string): Promise<void> {
  await sql`PRAGMA cache_size = ${sql.lit(-checkCacheKiB)}`.execute(kysely);
  const problems = [...(await findDamage(kysely)), ...(await findOrphans(kysely))];
  await sql`PRAGMA cache_size = ${sql.lit(-usualCacheKiB)}`.execute(kysely);
  if (problems.length === 0) return;
  throw new DamagedDatabase(path, `database ${path} is damaged: ${problems.join("; ")}`, {
    remedy: `Put back the last good copy of ${path} (crash-digger backup list); keep the damaged file aside.`,
  });
}

async function findDamage(kysely: Kysely<unknown>): Promise<readonly string[]> {
  const answer = await sql<{ integrity_check: string }>`PRAGMA integrity_check(${sql.lit(maxProblems)})`.execute(
    kysely,
  );
  return answer.rows.map((row) => row.integrity_check).filter((words) => words !== "ok");
}

async function findOrphans(kysely: Kysely<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<{ table: string; parent: string }>`PRAGMA foreign_key_check`.execute(kysely);
  return rows.slice(0, maxProblems).map((row) => `a row of ${row.table} refers to a missing row of ${row.parent}`);
}
