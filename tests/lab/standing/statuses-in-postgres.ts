import type { Target } from "../../../src/tracker/launchpad/target.ts";
import type { DatabaseSettings } from "../../../src/tracker/launchpad-database/connection.ts";
import { type DatabaseStatuses, databaseStatuses } from "../../../src/tracker/launchpad-database/database-statuses.ts";
import type { PostgresServer } from "../postgres/start-postgres.ts";

type Options = Partial<DatabaseSettings> & {
  readonly target?: Target;
  readonly archive?: number;
  readonly signal?: AbortSignal;
};

/** A source of statuses in a test's PostgreSQL, on Ubuntu and as the server's superuser unless told. */
export function statusesInPostgres(
  server: Pick<PostgresServer, "host" | "port">,
  options: Options = {},
): DatabaseStatuses {
  const { target, archive, signal, ...rest } = options;
  return databaseStatuses({
    database: {
      host: server.host,
      port: server.port,
      database: "launchpad",
      user: "lab",
      password: null,
      schema: "public",
      tls: null,
      timeoutMs: 60_000,
      ...rest,
    },
    target: target ?? { kind: "distribution", name: "ubuntu" },
    archive: archive ?? null,
    signal: signal ?? new AbortController().signal,
  });
}
