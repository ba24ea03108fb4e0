import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { systemClock } from "../system/clock.ts";
import { asServiceFailure, isBusy } from "./sqlite-failure.ts";

/** The one connection to a file: runs statements, waits while the file is busy, explains failures. */
export class Connection implements DatabaseConnection {
  readonly #sqlite: DatabaseSync;
  readonly #path: string;
  readonly #busyTimeoutMs: number;

  constructor(sqlite: DatabaseSync, path: string, busyTimeoutMs: number) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#busyTimeoutMs = busyTimeoutMs;
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
    const giveUpAt = systemClock.monotonicMs() + this.#busyTimeoutMs;
    for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 100)) {
      try {
        return this.#executeOnce<Row>(text, parameters);
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
    const statement = this.#sqlite.prepare(text);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // biome-ignore lint/correctness/useYield: kysely asks for a generator; this one only refuses.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("reading row by row would keep the only connection from everyone else; read in pages by key");
  }
}
