import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { systemClock } from "../system/clock.ts";
import type { KnownSound } from "./known-sound.ts";
import { asServiceFailure, isBusy } from "./sqlite-failure.ts";
import type { WalWitness } from "./wal-witness.ts";

// Between two pieces of a long read others of this process get on: signals, the rest of a batch's output.
const rowsInPiece = 200;

const onlyReads = /^\s*select\b/i;

/** The one connection to a file: runs statements, waits while the file is busy, explains failures. */
export class Connection implements DatabaseConnection {
  readonly #sqlite: DatabaseSync;
  readonly #path: string;
  readonly #busyTimeoutMs: number;
  readonly #knownSound: KnownSound | null;
  readonly #witness: WalWitness | null;

  /** @param knownSound and witness are told of each transaction; null for a file that we only read, or are making. */
  constructor(
    sqlite: DatabaseSync,
    path: string,
    busyTimeoutMs: number,
    knownSound: KnownSound | null,
    witness: WalWitness | null,
  ) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#knownSound = knownSound;
    this.#witness = witness;
  }

  get inTransaction(): boolean {
    return this.#sqlite.isOpen && this.#sqlite.isTransaction;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return await this.execute<Row>(query.sql, query.parameters as readonly SQLInputValue[]);
  }

  /**
   * Runs one statement.
   *
   * @throws ServiceFailure when the file is damaged, not ours to write, or locked for longer than the busy timeout.
   */
  async execute<Row>(text: string, parameters: readonly SQLInputValue[] = []): Promise<QueryResult<Row>> {
    return await this.#patiently(() => this.#executeOnce<Row>(text, parameters));
  }

  /**
   * The rows of one SELECT as arrays, all from one moment, in pieces. Until the last one nobody else may use the connection, and
   * (with a rollback journal) no process can commit.
   *
   * @throws ServiceFailure like `execute`.
   */
  async *pieces(text: string): AsyncGenerator<readonly unknown[]> {
    await this.#patiently(() => this.#sqlite.exec("BEGIN"));
    try {
      // Takes the lock for reading, which may have to be waited for; from then on nothing has to be.
      await this.#patiently(() => this.#sqlite.prepare("SELECT count(*) FROM sqlite_master").all());
      const statement = await this.#patiently(() => this.#sqlite.prepare(text));
      // Objects cost several times the memory until they are collected, and of these there may be millions.
      statement.setReturnArrays(true);
      const rows = statement.iterate();
      while (true) {
        const piece = await this.#patiently(() => nextOf(rows, rowsInPiece));
        if (piece.length === 0) return;
        yield piece;
        await nextTurn();
      }
    } finally {
      if (this.inTransaction) this.#sqlite.exec("ROLLBACK");
    }
  }

  async #patiently<T>(work: () => T): Promise<T> {
    const giveUpAt = systemClock.monotonicMs() + this.#busyTimeoutMs;
    for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 100)) {
      try {
        return work();
      } catch (error) {
        // A statement that was refused with SQLITE_BUSY did nothing and may be repeated: BEGIN IMMEDIATE, a single
        // write, and COMMIT too (the transaction stays open). SQLite's own busy handler would wait as well, but it
        // sleeps on our only thread, and the lock's holder may be another task of this very process.
        if (!isBusy(error) || systemClock.monotonicMs() >= giveUpAt) throw asServiceFailure(error, this.#path);
      }
      await delay(waitMs);
    }
  }

  #executeOnce<Row>(text: string, parameters: readonly SQLInputValue[]): QueryResult<Row> {
    const wasOutside = !this.inTransaction;
    if (wasOutside) this.#knownSound?.look();
    const result = this.#run<Row>(text, parameters);
    if (!this.inTransaction && !onlyReads.test(text)) this.#wrote();
    // Once more now that the transaction has begun: until it ends nobody else can write.
    if (this.inTransaction && wasOutside) this.#knownSound?.look();
    return result;
  }

  #wrote(): void {
    this.#knownSound?.wrote();
    this.#witness?.wrote();
  }

  #run<Row>(text: string, parameters: readonly SQLInputValue[]): QueryResult<Row> {
    const statement = this.#sqlite.prepare(text);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // biome-ignore lint/correctness/useYield: kysely asks for a generator; this one only refuses.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("reading row by row would keep the only connection from everyone else; see Database.readThrough");
  }
}

function nextOf(rows: Iterator<unknown>, count: number): readonly unknown[] {
  const piece: unknown[] = [];
  while (piece.length < count) {
    const { done, value } = rows.next();
    if (done === true) break;
    piece.push(value);
  }
  return piece;
}
