import { DatabaseSync } from "node:sqlite";
import { Kysely, type RawBuilder, type Transaction } from "kysely";
import { Connection } from "./connection.ts";
import { createDatabaseFile, removeAbandoned } from "./create-database-file.ts";
import { nodeSqliteDialect } from "./dialect.ts";
import { lookAtFile, requireContent, requirePresence } from "./existing-file.ts";
import { checkIntegrity, usualCacheKiB } from "./integrity.ts";
import { KnownSound } from "./known-sound.ts";
import { countApplied, type Migration, migrate } from "./migrations.ts";
import { asServiceFailure } from "./sqlite-failure.ts";
import { Turns } from "./turns.ts";
import { WalWitness } from "./wal-witness.ts";

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
  /** What is in it can be had again, so that nobody has to be told when the last changes are lost. */
  readonly isCache?: boolean;
  /** Neither creates nor migrates; writing throws. */
  readonly readOnly?: boolean;
  /** How long to wait for another process's lock, milliseconds; 30,000 unless told. */
  readonly busyTimeoutMs?: number;
};

/**
 * `full`: the whole file is read. `unless-known`: not when only this program has changed it since a full check that
 * is less than a day old (docs/decisions/0020-what-is-checked-at-the-start.md).
 */
export type IntegrityDepth = "full" | "unless-known";

/** An open SQLite file. */
export type Database<Schema> = {
  readonly path: string;
  /** For single statements; each is a transaction of its own. */
  readonly kysely: Kysely<Schema>;
  /** Runs work in one transaction (BEGIN IMMEDIATE); rolled back when work throws. Others wait meanwhile. */
  transaction<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * Runs statements whose loss in a power cut does no harm; each is a transaction of its own. They outlive the death of
   * this process like any other, and are on the disk together with the next transaction that is. Others wait meanwhile.
   */
  unsynced<T>(work: (kysely: Kysely<Schema>) => Promise<T>): Promise<T>;
  /**
   * Hands over the rows of one SELECT without parameters as arrays, all from one moment, in pieces and constant memory.
   * Everyone else waits meanwhile.
   */
  readThrough(query: RawBuilder<unknown>, take: (rows: readonly unknown[]) => void): Promise<void>;
  /** Throws ServiceFailure with SQLite's words when the file is damaged. `full` unless told. */
  integrityCheck(depth?: IntegrityDepth): Promise<void>;
  /** Waits for the transaction that is running, then closes. May be called twice. */
  close(): Promise<void>;
};

/**
 * Opens a SQLite file, creating it (and its folder) unless `readOnly`, and brings its schema up to date.
 *
 * @throws ServiceFailure when the file is not SQLite, empty, damaged, not accessible, or from a newer program; a
 *   DamagedDatabase when a copy has to be put back: also when the file is gone, or its write-ahead log.
 */
export async function openDatabase<Schema>(path: string, options: DatabaseOptions): Promise<Database<Schema>> {
  const readOnly = options.readOnly ?? false;
  const journal = options.journal ?? "wal";
  requirePresence(path);
  const found = lookAtFile(path);
  if (found === null && !readOnly) {
    await createDatabaseFile(path, options.mode ?? 0o600, (aside) => fill(aside, path, options.migrations, journal));
  }
  if (found?.hasOtherNames === true) removeAbandoned(path);
  requireContent(path);
  const witness = options.isCache === true ? null : new WalWitness(path);
  await witness?.requireLog();
  const knownSound = readOnly ? null : new KnownSound(path);
  const sqlite = openFile(path, readOnly);
  const told = readOnly || journal === "rollback" ? null : witness;
  const connection = new Connection(sqlite, path, options.busyTimeoutMs ?? 30_000, knownSound, told);
  const turns = new Turns();
  const kysely = new Kysely<Schema>({ dialect: nodeSqliteDialect(connection, turns, readOnly) });
  const check = () => checkIntegrity(kysely as Kysely<unknown>, path);
  try {
    await setPragmas(connection, journal, readOnly);
    const applied = await countApplied(kysely as Kysely<unknown>, options.migrations, path);
    // A file is not changed before it is known to be sound; one that we have just made, or that holds nothing yet, is.
    if (found !== null && applied < options.migrations.length && !readOnly) await check();
    if (!readOnly) await migrate(kysely as Kysely<unknown>, options.migrations, path);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return {
    path,
    kysely,
    transaction: (work) => kysely.transaction().execute((transaction) => turns.hold(() => work(transaction))),
    unsynced: (work) =>
      kysely.connection().execute((alone) => turns.hold(() => withoutSync(connection, journal, () => work(alone)))),
    readThrough: (query, take) => readInTurn(connection, turns, query.compile(kysely).sql, take),
    integrityCheck: async (depth = "full") => {
      if (knownSound === null) return await check();
      if (depth === "full" || !knownSound.isKnown) await knownSound.check(check);
    },
    close: () => closeInTurn(sqlite, turns, knownSound, told),
  };
}

// Aside, where nobody else is and a power cut does not matter: no syncs, until the whole is synced once.
async function fill(
  aside: string,
  path: string,
  migrations: readonly Migration[],
  journal: "wal" | "rollback",
): Promise<void> {
  const sqlite = openFile(aside, false);
  const connection = new Connection(sqlite, path, 0, null, null);
  try {
    await connection.execute("PRAGMA synchronous = OFF");
    await connection.execute("PRAGMA journal_mode = MEMORY");
    await migrate(new Kysely({ dialect: nodeSqliteDialect(connection, new Turns(), false) }), migrations, path);
    // Alone with the file, SQLite needs no -shm file.
    await connection.execute("PRAGMA locking_mode = EXCLUSIVE");
    if (journal === "wal") await connection.execute("PRAGMA journal_mode = WAL");
  } finally {
    sqlite.close();
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
  await connection.execute(`PRAGMA cache_size = -${usualCacheKiB}`);
  if (readOnly) {
    await connection.execute("SELECT count(*) FROM sqlite_master");
    return;
  }
  await connection.execute(`PRAGMA journal_mode = ${journal === "wal" ? "WAL" : "DELETE"}`);
  await connection.execute(`PRAGMA synchronous = ${synced[journal]}`);
}

const synced = { wal: "FULL", rollback: "EXTRA" } as const;

// With WAL and NORMAL a commit is written and not waited for. Frames of the file are in order, so that a later commit that
// is waited for takes the earlier ones with it. A rollback journal has no such level: what it loses may be the file.
async function withoutSync<T>(
  connection: Connection,
  journal: keyof typeof synced,
  work: () => Promise<T>,
): Promise<T> {
  if (journal !== "wal") return await work();
  await connection.execute("PRAGMA synchronous = NORMAL");
  try {
    return await work();
  } finally {
    await connection.execute(`PRAGMA synchronous = ${synced.wal}`);
  }
}

async function readInTurn(
  connection: Connection,
  turns: Turns,
  text: string,
  take: (rows: readonly unknown[]) => void,
): Promise<void> {
  const endTurn = await turns.take();
  try {
    for await (const rows of connection.pieces(text)) take(rows);
  } finally {
    endTurn();
  }
}

async function closeInTurn(
  sqlite: DatabaseSync,
  turns: Turns,
  knownSound: KnownSound | null,
  witness: WalWitness | null,
): Promise<void> {
  const endTurn = await turns.take();
  try {
    if (!sqlite.isOpen) return;
    knownSound?.look();
    // The last one to close a file with WAL writes all that is in it into the file itself.
    if (witness === null) sqlite.close();
    else witness.closing(sqlite);
    knownSound?.wrote();
    await knownSound?.leave();
  } finally {
    endTurn();
  }
}
