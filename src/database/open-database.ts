import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, type Transaction } from "kysely";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { Connection } from "./connection.ts";
import { nodeSqliteDialect } from "./dialect.ts";
import { checkIntegrity, type IntegrityDepth } from "./integrity.ts";
import { countApplied, type Migration, migrate } from "./migrations.ts";
import { asServiceFailure } from "./sqlite-failure.ts";
import { Turns } from "./turns.ts";

export type DatabaseOptions = {
  /** The whole history of the schema, oldest first. */
  readonly migrations: readonly Migration[];
  /**
   * `wal` (unless told): readers never wait for the writer; the last changes live in a second file.
   * `rollback`: between transactions the one file is complete, so that others may copy it.
   */
  readonly journal?: "wal" | "rollback";
  /** Permissions of a file that is created; 0600 unless told. Those of an existing file are left alone. */
  readonly mode?: number;
  /** Neither creates nor migrates; writing throws. */
  readonly readOnly?: boolean;
  /** How long to wait for another process's lock, milliseconds; 30,000 unless told. */
  readonly busyTimeoutMs?: number;
};

/** An open SQLite file. */
export type Database<Schema> = {
  readonly path: string;
  /** For single statements; each is a transaction of its own. */
  readonly kysely: Kysely<Schema>;
  /** Runs work in one transaction (BEGIN IMMEDIATE); rolled back when work throws. Others wait meanwhile. */
  transaction<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** Throws ServiceFailure with SQLite's words when the file is damaged. `full` unless told. */
  integrityCheck(depth?: IntegrityDepth): Promise<void>;
  /** Waits for the transaction that is running, then closes. May be called twice. */
  close(): Promise<void>;
};

/**
 * Opens a SQLite file, creating it (and its folder) unless `readOnly`, and brings its schema up to date.
 *
 * @throws ServiceFailure when the file is not SQLite, damaged, not accessible, or from a newer program.
 */
export async function openDatabase<Schema>(path: string, options: DatabaseOptions): Promise<Database<Schema>> {
  const readOnly = options.readOnly ?? false;
  if (!readOnly) createFile(path, options.mode ?? 0o600);
  const sqlite = openFile(path, readOnly);
  const connection = new Connection(sqlite, path, options.busyTimeoutMs ?? 30_000);
  const turns = new Turns();
  const kysely = new Kysely<Schema>({ dialect: nodeSqliteDialect(connection, turns, readOnly) });
  try {
    await setPragmas(connection, options.journal ?? "wal", readOnly);
    await (readOnly ? countApplied : migrate)(kysely as Kysely<unknown>, options.migrations, path);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return {
    path,
    kysely,
    transaction: (work) => kysely.transaction().execute((transaction) => turns.hold(() => work(transaction))),
    integrityCheck: (depth = "full") => checkIntegrity(kysely as Kysely<unknown>, path, depth),
    close: () => closeInTurn(sqlite, turns),
  };
}

// SQLite itself would create the file readable by everyone, and a later chmod leaves a moment in between.
// Its -wal and -shm files take over the mode of the file they belong to.
function createFile(path: string, mode: number): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: mode & 0o044 ? 0o755 : 0o700 });
    closeSync(openSync(path, "a", mode));
  } catch (error) {
    throw new ServiceFailure(`database ${path} cannot be created: ${messageOf(error)}`, {
      cause: error,
      remedy: "Create the folder, or give this user the right to write there.",
    });
  }
}

function openFile(path: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly, timeout: 0 });
  } catch (error) {
    throw asServiceFailure(error, path);
  }
}

// A promise ("this crash is recorded") must survive a power cut: with WAL that is synchronous=FULL. With a rollback
// journal the commit is the removal of the journal, and only EXTRA syncs the folder as well.
async function setPragmas(connection: Connection, journal: "wal" | "rollback", readOnly: boolean): Promise<void> {
  await connection.execute("PRAGMA foreign_keys = ON");
  await connection.execute("PRAGMA trusted_schema = OFF");
  if (readOnly) {
    await connection.execute("SELECT count(*) FROM sqlite_master");
    return;
  }
  await connection.execute(`PRAGMA journal_mode = ${journal === "wal" ? "WAL" : "DELETE"}`);
  await connection.execute(`PRAGMA synchronous = ${journal === "wal" ? "FULL" : "EXTRA"}`);
}

async function closeInTurn(sqlite: DatabaseSync, turns: Turns): Promise<void> {
  const endTurn = await turns.take();
  try {
    if (sqlite.isOpen) sqlite.close();
  } finally {
    endTurn();
  }
}
