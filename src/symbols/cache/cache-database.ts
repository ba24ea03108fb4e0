import { sql } from "kysely";
import type { Migration } from "../../database/migrations.ts";
import { type Database, openDatabase } from "../../database/open-database.ts";
import { messageOf, ServiceFailure } from "../../system/failure.ts";

/** `cache.db`: what is remembered of the cache's files. Names are paths below the cache folder. */
export type CacheSchema = {
  /** When a file was last wanted, milliseconds since 1970. */
  readonly uses: { readonly name: string; readonly used_at: number };
  /** Whoever uses files now: nothing that was wanted since may go. */
  readonly holds: { readonly id: number; readonly owner: string; readonly since: number };
  /** What an archive did not have; see absences.ts. */
  readonly absences: {
    readonly root: string;
    readonly build_id: string;
    readonly part: string;
    readonly question: string;
    readonly found_at: number;
    readonly lists: string;
    readonly absence: string;
  };
};

const tables: readonly string[] = [
  "CREATE TABLE uses (name TEXT PRIMARY KEY, used_at INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE TABLE holds (id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, since INTEGER NOT NULL)",
  `CREATE TABLE absences (
    root TEXT NOT NULL, build_id TEXT NOT NULL, part TEXT NOT NULL, question TEXT NOT NULL,
    found_at INTEGER NOT NULL, lists TEXT NOT NULL, absence TEXT NOT NULL,
    PRIMARY KEY (root, build_id, part, question)) WITHOUT ROWID`,
  "CREATE INDEX absences_found_at ON absences (found_at)",
];

const migrations: readonly Migration[] = [
  {
    name: "cache: uses, holds and absences",
    apply: async (transaction) => {
      for (const table of tables) await sql.raw(table).execute(transaction);
    },
  },
];

/**
 * Opens `cache.db`, making it if need be.
 *
 * @throws ServiceFailure when it is damaged. Nobody keeps copies of a cache, so that its remedy is another one.
 */
export async function openCacheDatabase(path: string): Promise<Database<CacheSchema>> {
  const database = await openDatabase<CacheSchema>(path, { migrations, isCache: true }).catch((error: unknown) => {
    throw isDamage(error) ? new ServiceFailure(messageOf(error), { cause: error, remedy: remedyFor(path) }) : error;
  });
  // No sync at each commit: after a power cut the last uses are forgotten, and holds mean nothing any more.
  // With WAL the file stays whole.
  await sql`PRAGMA synchronous = NORMAL`.execute(database.kysely);
  return database;
}

function isDamage(error: unknown): boolean {
  return error instanceof ServiceFailure && /last good copy/.test(error.remedy ?? "");
}

function remedyFor(path: string): string {
  return `Remove ${path} (and ${path}-wal, ${path}-shm) while no batch runs: it is made anew, and only remembers what was used when.`;
}
