import { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { Client } from "pg";
import type { z } from "zod";
import { ServiceFailure } from "../../system/failure.ts";
import { asFailure } from "./failures.ts";

export type DatabaseSettings = {
  /** A name, an address, or the folder of the server's socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Null where the server asks for none, or ~/.pgpass has it. */
  readonly password: string | null;
  /** Where Launchpad's tables are: a plain lower-case name. */
  readonly schema: string;
  /** Null for a socket, or a server on this machine. */
  readonly tls: Pick<ConnectionOptions, "ca"> | null;
  /** For the connection, and for each statement. */
  readonly timeoutMs: number;
};

/** One read-only transaction, from its beginning as of one moment. */
export type ReadOnlyTransaction = AsyncDisposable & {
  /** The rows of one SELECT as arrays, each through the schema. */
  rows<T>(text: string, values: readonly unknown[], schema: z.ZodType<T>): Promise<readonly T[]>;
};

const goodbyeMs = 5_000;

/**
 * Connects, and begins a transaction in which nothing can be written: by its own word, by the session's default, and (if
 * the role was made as docs/launchpad.md says) by the role's rights.
 *
 * @throws TransientFailure when the server is away, ServiceFailure when it refuses us.
 */
export async function beginReadOnly(settings: DatabaseSettings, signal: AbortSignal): Promise<ReadOnlyTransaction> {
  const { host, port, database, user, password, tls, timeoutMs } = settings;
  const server = `${user}@${host}:${port}/${database}`;
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    ...{ host, port, database, user, ssl: tls === null ? false : { ...tls, rejectUnauthorized: true } },
    ...(password === null ? {} : { password }),
    application_name: "crash-digger",
    connectionTimeoutMillis: timeoutMs,
    // The server's own time-out ends a statement; this one is for a server that does not answer at all.
    query_timeout: timeoutMs + 5_000,
  });
  // A connection that breaks while nothing is asked; the next query says so.
  client.on("error", () => {});
  const end = (): void => void client.end().catch(() => {});
  signal.addEventListener("abort", end, { once: true });
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw signal.aborted ? signal.reason : asFailure(error, server);
    }
  };
  const close = async (): Promise<void> => {
    signal.removeEventListener("abort", end);
    // A network that went away without a word would keep us waiting for TCP to give up.
    const late = setTimeout(() => socket.destroy(), goodbyeMs);
    // The server rolls back what was only read.
    await client.end().catch(() => {});
    clearTimeout(late);
  };
  try {
    await guarded(() => client.connect());
    for (const statement of opening(timeoutMs)) await guarded(() => client.query(statement));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    rows: async (text, values, schema) => {
      const { rows } = await guarded(() => client.query({ text, values: [...values], rowMode: "array" }));
      return rows.map((row) => checkedRow(row, schema, server));
    },
    [Symbol.asyncDispose]: close,
  };
}

// Statements and not options of the connection: a pooler such as pgbouncer refuses those. REPEATABLE READ: all statements see
// the same moment. It is allowed on a standby, where SERIALIZABLE is not.
function opening(timeoutMs: number): readonly string[] {
  return [
    "SET default_transaction_read_only = on",
    "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    `SET LOCAL statement_timeout = ${timeoutMs}`,
    `SET LOCAL lock_timeout = ${timeoutMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs}`,
  ];
}

function checkedRow<T>(row: unknown, schema: z.ZodType<T>, server: string): T {
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `column ${Number(path[0] ?? 0) + 1}: ${message}`);
  throw new ServiceFailure(`Launchpad's database (${server}) has rows of another form: ${faults.join("; ")}`, {
    remedy: "Launchpad may have changed its tables: use --source api until crash-digger knows them.",
  });
}
