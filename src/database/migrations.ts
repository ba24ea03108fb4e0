import { type Kysely, sql, type Transaction } from "kysely";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { DamagedDatabase } from "./damaged-database.ts";

/** One step of a file's schema. Released steps are never changed; new ones are appended. */
export type Migration = {
  /** A few words, stored in the file: `attempts and verdicts`. */
  readonly name: string;
  readonly apply: (transaction: Transaction<unknown>) => Promise<void>;
};

type AppliedRow = { readonly number: number; readonly name: string };

/**
 * Brings a file up to the last migration, each in a transaction of its own, and safe when several
 * processes start at once: what is applied is read again inside each transaction.
 *
 * @throws ServiceFailure when the file was written by a newer program, or by another one, or is damaged.
 */
export async function migrate(kysely: Kysely<unknown>, migrations: readonly Migration[], path: string): Promise<void> {
  if ((await countApplied(kysely, migrations, path)) === migrations.length) return;
  try {
    await applyFrom(kysely, migrations, path);
  } catch (cause) {
    if (!(cause instanceof Error && "errcode" in cause)) throw cause;
    // SQLite itself. The steps are tried. What refuses one is a file that has more than it shows: a table that is there already, a
    // number that no search finds.
    throw new DamagedDatabase(path, `database ${path}: it cannot be brought up to date: ${messageOf(cause)}`, {
      cause,
      remedy:
        "The file is damaged or another program has changed it: put back the last good copy (crash-digger backup list), keep this one aside.",
    });
  }
}

async function applyFrom(kysely: Kysely<unknown>, migrations: readonly Migration[], path: string): Promise<void> {
  for (const [index, migration] of migrations.entries()) {
    await kysely.transaction().execute(async (transaction) => {
      await createTable(transaction);
      if ((await countApplied(transaction, migrations, path)) > index) return;
      await migration.apply(transaction);
      await sql`INSERT INTO crash_digger_migrations (number, name) VALUES (${index + 1}, ${migration.name})`.execute(
        transaction,
      );
    });
  }
}

/** How many of the migrations a file has; throws ServiceFailure like `migrate`. Changes nothing. */
export async function countApplied(
  kysely: Kysely<unknown>,
  migrations: readonly Migration[],
  path: string,
): Promise<number> {
  const rows = await readApplied(kysely);
  if (rows.length > migrations.length) {
    throw new ServiceFailure(
      `database ${path}: it has ${rows.length} migrations, this crash-digger knows only ${migrations.length}`,
      { remedy: "The file was written by a newer crash-digger: install that version, or use a copy from before it." },
    );
  }
  const stranger = rows.find((row, index) => row.number !== index + 1 || row.name !== migrations[index]?.name);
  if (stranger !== undefined) {
    throw new ServiceFailure(`database ${path}: unknown migration ${stranger.number} "${stranger.name}"`, {
      remedy: "The file belongs to another program or to another part of crash-digger: check the configured paths.",
    });
  }
  return rows.length;
}

async function readApplied(kysely: Kysely<unknown>): Promise<readonly AppliedRow[]> {
  const table =
    await sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'crash_digger_migrations'`.execute(kysely);
  if (table.rows.length === 0) return [];
  return (await sql<AppliedRow>`SELECT number, name FROM crash_digger_migrations ORDER BY number`.execute(kysely)).rows;
}

async function createTable(transaction: Transaction<unknown>): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS crash_digger_migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL)`.execute(transaction);
}
