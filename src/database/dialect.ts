import { type Dialect, type Driver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Connection } from "./connection.ts";
import type { Turns } from "./turns.ts";

// kysely would put a mutex of its own in front of a dialect with one connection; ours also notices a task
// that waits for itself. Each handed-out connection is the same one, and only one is out at a time.
class TurnTakingAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** kysely over the connection of one open file. Closing the file is its owner's business, not kysely's. */
export function nodeSqliteDialect(connection: Connection, turns: Turns, readOnly: boolean): Dialect {
  return {
    createAdapter: () => new TurnTakingAdapter(),
    createDriver: () => turnTakingDriver(connection, turns, readOnly ? "begin" : "begin immediate"),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function turnTakingDriver(connection: Connection, turns: Turns, begin: string): Driver {
  let endTurn: (() => void) | undefined;
  const execute = async (text: string): Promise<void> => {
    await connection.execute(text);
  };
  return {
    init: async () => {},
    acquireConnection: async () => {
      endTurn = await turns.take();
      return connection;
    },
    releaseConnection: async () => endTurn?.(),
    beginTransaction: () => execute(begin),
    commitTransaction: () => execute("commit"),
    // After a full disk or an I/O error SQLite has already rolled back by itself; "cannot rollback" would
    // only hide the reason.
    rollbackTransaction: async () => {
      if (connection.inTransaction) await execute("rollback");
    },
    destroy: async () => {},
  };
}
