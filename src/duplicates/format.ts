import { type Kysely, sql, type Transaction } from "kysely";
import type { Migration } from "../database/migrations.ts";
import { ServiceFailure } from "../system/failure.ts";

/** The version of Apport's file format that we read and write. */
const supportedFormat = 3;

/** The tables of the file. The first three are the format's, the others ours. */
export type DuplicatesSchema = {
  version: { format: number };
  crashes: { signature: string; crash_id: number; fixed_version: string | null; last_change: string | null };
  address_signatures: { signature: string; crash_id: number };
  /** Signatures that came with a crash that was merged: the format has room for one a crash. */
  crash_digger_signatures: { signature: string; crash_id: number };
  /** Further crashes that claim an address signature: the format has room for one claim. */
  crash_digger_addresses: { signature: string; crash_id: number };
  /** Merges that a check found, so that the same check gives the same answer again. */
  crash_digger_merges: { loser: number; master: number; found_by: number };
  /** When all crashes were last brought to the tracker's status; one row at most. */
  crash_digger_consolidation: { one: number; source: string; heard_at: string; full_at: string };
};

/** The schema's history. Format 3 itself is the first step: it finds the tables in place or makes them. */
export function migrationsFor(path: string): readonly Migration[] {
  return [
    { name: "duplicate database format 3", apply: (transaction) => adoptOrCreate(transaction, path) },
    { name: "further signatures, claims and merges", apply: addOurTables },
    { name: "the last consolidation", apply: addConsolidation },
  ];
}

/**
 * Another program may have changed the file since we last had it open.
 *
 * @throws ServiceFailure when the file is of a format that we do not know.
 */
export async function requireFormat(kysely: Kysely<unknown>, path: string): Promise<void> {
  const { rows } = await sql<{ format: unknown }>`SELECT format FROM version`.execute(kysely);
  const formats = rows.map((row) => row.format);
  if (formats.length === 1 && formats[0] === supportedFormat) return;
  const found = formats.length === 0 ? "nothing" : formats.join(", ");
  throw new ServiceFailure(
    `duplicate database ${path}: its version table says ${found}; only format ${supportedFormat} is supported`,
    {
      remedy:
        Number(formats[0]) > supportedFormat
          ? "It was written by a newer program: use a crash-digger that knows its format."
          : "Let Apport's dupdb-admin bring it up to format 3 first (opening it there is enough).",
    },
  );
}

async function adoptOrCreate(transaction: Transaction<unknown>, path: string): Promise<void> {
  const tables = await readTableNames(transaction);
  if (tables.includes("version")) return await requireFormat(transaction, path);
  if (tables.length > 0) {
    throw new ServiceFailure(`${path} is not a duplicate database: it has no version table, but ${tables.join(", ")}`, {
      remedy: "Check the path. A duplicate database from before format 3 has to be upgraded by Apport's dupdb-admin.",
    });
  }
  await createFormat(transaction);
}

async function readTableNames(transaction: Transaction<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'crash\\_digger\\_%' ESCAPE '\\' ORDER BY name LIMIT 20`.execute(
    transaction,
  );
  return rows.map((row) => row.name);
}

async function createFormat(transaction: Transaction<unknown>): Promise<void> {
  await sql`CREATE TABLE version (format INTEGER)`.execute(transaction);
  await sql`INSERT INTO version VALUES (${sql.lit(supportedFormat)})`.execute(transaction);
  await sql`CREATE TABLE crashes (signature VARCHAR(255) NOT NULL, crash_id INTEGER PRIMARY KEY,
    fixed_version VARCHAR(50), last_change TIMESTAMP)`.execute(transaction);
  await sql`CREATE TABLE address_signatures (signature VARCHAR(1000) PRIMARY KEY,
    crash_id INTEGER NOT NULL)`.execute(transaction);
}

// No foreign keys into the format's tables: Apport's tools delete and renumber crashes without knowing of ours.
// Our rows of a crash that is gone are passed over (every query joins crashes) and do no harm.
async function addOurTables(transaction: Transaction<unknown>): Promise<void> {
  await sql`CREATE INDEX crash_digger_crashes_by_signature ON crashes (signature)`.execute(transaction);
  await sql`CREATE INDEX crash_digger_address_signatures_by_crash ON address_signatures (crash_id)`.execute(
    transaction,
  );
  for (const table of ["crash_digger_signatures", "crash_digger_addresses"]) {
    await sql`CREATE TABLE ${sql.table(table)} (signature TEXT NOT NULL, crash_id INTEGER NOT NULL,
      PRIMARY KEY (signature, crash_id)) WITHOUT ROWID`.execute(transaction);
    await sql`CREATE INDEX ${sql.id(`${table}_by_crash`)} ON ${sql.table(table)} (crash_id)`.execute(transaction);
  }
  await sql`CREATE TABLE crash_digger_merges (loser INTEGER PRIMARY KEY, master INTEGER NOT NULL,
    found_by INTEGER NOT NULL)`.execute(transaction);
  await sql`CREATE INDEX crash_digger_merges_by_finder ON crash_digger_merges (found_by)`.execute(transaction);
  await sql`CREATE INDEX crash_digger_merges_by_master ON crash_digger_merges (master)`.execute(transaction);
}

// In this file and not in state.db: a copy that is put back brings its own watermark along, and what changed since is
// asked for anew.
async function addConsolidation(transaction: Transaction<unknown>): Promise<void> {
  await sql`CREATE TABLE crash_digger_consolidation (one INTEGER PRIMARY KEY CHECK (one = 1), source TEXT NOT NULL,
    heard_at TEXT NOT NULL, full_at TEXT NOT NULL)`.execute(transaction);
}
