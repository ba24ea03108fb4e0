import { type Kysely, sql } from "kysely";
import { ServiceFailure } from "../system/failure.ts";

/** `full` compares every index with its table; `quick` does not, and is several times as fast. */
export type IntegrityDepth = "full" | "quick";

const maxProblems = 20;

/**
 * Asks SQLite whether the file is sound.
 *
 * @throws ServiceFailure with SQLite's words when it is not.
 */
export async function checkIntegrity(kysely: Kysely<unknown>, path: string, depth: IntegrityDepth): Promise<void> {
  const pragma = depth === "full" ? "integrity_check" : "quick_check";
  const answer = await sql<Record<string, string>>`PRAGMA ${sql.raw(`${pragma}(${maxProblems})`)}`.execute(kysely);
  const problems = answer.rows.map((row) => row[pragma] ?? "").filter((words) => words !== "ok");
  const orphans = await sql<{ table: string; parent: string }>`PRAGMA foreign_key_check`.execute(kysely);
  problems.push(
    ...orphans.rows
      .slice(0, maxProblems)
      .map((row) => `a row of ${row.table} refers to a missing row of ${row.parent}`),
  );
  if (problems.length === 0) return;
  throw new ServiceFailure(`database ${path} is damaged: ${problems.join("; ")}`, {
    remedy: `Put back the last good copy of ${path}; keep the damaged file aside.`,
  });
}
