import { DatabaseSync } from "node:sqlite";
import { DamagedDatabase } from "./damaged-database.ts";
import { requireContent, requirePresence } from "./existing-file.ts";
import { asServiceFailure } from "./sqlite-failure.ts";
import { WalWitness } from "./wal-witness.ts";

const maxProblems = 20;
// See integrity.ts.
const checkCacheKiB = 65_536;

/**
 * Looks at a database without opening it.
 *
 * @throws DamagedDatabase when it is gone, empty, or has lost its write-ahead log.
 */
export async function requireWholeFile(path: string): Promise<void> {
  requirePresence(path);
  requireContent(path);
  await new WalWitness(path).requireLog();
}

/**
 * Reads a whole database that others may be using.
 *
 * @throws DamagedDatabase when anything is wrong with it
 */
export async function requireSoundDatabase(path: string): Promise<void> {
  await requireWholeFile(path);
  withSqlite(path, true, path, (sqlite) => requireSound(sqlite, path));
}

/**
 * Makes a copy one plain file, without a write-ahead log, and reads all of it.
 *
 * @param copy nobody else uses it
 * @param of what it is a copy of, for the message
 * @throws DamagedDatabase (of the original) when anything is wrong with it
 */
export function requireSoundCopy(copy: string, of: string): void {
  withSqlite(copy, false, of, (sqlite) => {
    sqlite.exec("PRAGMA journal_mode = DELETE");
    requireSound(sqlite, of);
  });
}

function withSqlite(path: string, readOnly: boolean, of: string, work: (sqlite: DatabaseSync) => void): void {
  let sqlite: DatabaseSync | null = null;
  try {
    sqlite = new DatabaseSync(path, { readOnly, timeout: 30_000 });
    work(sqlite);
  } catch (error) {
    throw asServiceFailure(error, of);
  } finally {
    sqlite?.close();
  }
}

function requireSound(sqlite: DatabaseSync, of: string): void {
  sqlite.exec(`PRAGMA cache_size = -${checkCacheKiB}`);
  const damage = sqlite.prepare(`PRAGMA integrity_check(${maxProblems})`).all();
  const orphans = sqlite.prepare("PRAGMA foreign_key_check").all().slice(0, maxProblems);
  const problems = [
    ...damage.map((row) => String(row["integrity_check"])).filter((words) => words !== "ok"),
    ...orphans.map((row) => `a row of ${row["table"]} refers to a missing row of ${row["parent"]}`),
  ];
  if (problems.length === 0) return;
  throw new DamagedDatabase(of, `database ${of} is damaged: ${problems.join("; ")}`, {
    remedy: `Put back the last good copy of ${of} (crash-digger backup list); keep the damaged file aside.`,
  });
}
