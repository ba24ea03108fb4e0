import { type Kysely, sql } from "kysely";
import type { Migration } from "../../database/migrations.ts";

/** The history of tracker.db. Released steps are never changed; new ones are appended. */
export const trackerMigrations: readonly Migration[] = [
  { name: "tracker: crashes and what belongs to them", apply: (db) => runAll(db, firstTables) },
];

// AUTOINCREMENT: an id is never given twice, not even after the newest crash was removed by hand. People and
// the duplicate database remember ids for years.
// Values are kept as bytes: a command line may hold bytes that are no UTF-8, and NUL, and comes back as it was.
const firstTables: readonly string[] = [
  `CREATE TABLE crash (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    program TEXT,
    submitted_at TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'fixed', 'invalid')),
    fixed_version TEXT NOT NULL DEFAULT '',
    duplicate_of INTEGER REFERENCES crash (id) CHECK (duplicate_of <> id),
    importance TEXT NOT NULL DEFAULT 'Undecided',
    private INTEGER NOT NULL DEFAULT 1
  )`,
  "CREATE INDEX crash_duplicate_of ON crash (duplicate_of) WHERE duplicate_of IS NOT NULL",
  `CREATE TABLE field (
    crash_id INTEGER NOT NULL REFERENCES crash (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (crash_id, name)
  )`,
  `CREATE TABLE attachment (
    crash_id INTEGER NOT NULL REFERENCES crash (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    text BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (crash_id, name)
  )`,
  `CREATE TABLE blob (
    crash_id INTEGER NOT NULL REFERENCES crash (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    storage_name TEXT NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (crash_id, field)
  )`,
  "CREATE TABLE orphan (storage_name TEXT PRIMARY KEY) WITHOUT ROWID",
  `CREATE TABLE tag (
    crash_id INTEGER NOT NULL REFERENCES crash (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (tag, crash_id)
  ) WITHOUT ROWID`,
  "CREATE INDEX tag_crash_id ON tag (crash_id)",
  `CREATE TABLE comment (
    id INTEGER PRIMARY KEY,
    crash_id INTEGER NOT NULL REFERENCES crash (id) ON DELETE CASCADE,
    marker TEXT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    written_at TEXT NOT NULL,
    UNIQUE (crash_id, marker)
  )`,
];

async function runAll(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
