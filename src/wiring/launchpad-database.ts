import { readFile } from "node:fs/promises";
import type { Config } from "../config/schema.ts";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { readPrivateFile } from "../system/private-file.ts";
import type { Target } from "../tracker/launchpad/target.ts";
import type { DatabaseSettings } from "../tracker/launchpad-database/connection.ts";
import type { DatabaseStatuses } from "../tracker/launchpad-database/database-statuses.ts";

type DatabaseConfig = NonNullable<Extract<Config["tracker"], { type: "launchpad" }>["database"]>;

/**
 * Launchpad's own database as the configuration names it. It is connected to when it is asked.
 *
 * @throws ServiceFailure when the password or the certificates cannot be read.
 */
export async function statusesFromDatabase(
  config: DatabaseConfig,
  target: Target,
  signal: AbortSignal,
): Promise<DatabaseStatuses> {
  // Here and not above: the client of PostgreSQL is of no use to the others.
  const { databaseStatuses } = await import("../tracker/launchpad-database/database-statuses.ts");
  return databaseStatuses({ database: await settingsOf(config), target, archive: config.archive ?? null, signal });
}

async function settingsOf(config: DatabaseConfig): Promise<DatabaseSettings> {
  const { host, port, database, user, schema, password_file, tls, tls_ca_file, timeout_s } = config;
  const ca = tls_ca_file === undefined ? null : await certificatesIn(tls_ca_file);
  return {
    ...{ host, port, database, user, schema },
    password: password_file === undefined ? null : await passwordIn(password_file),
    tls: tls ? (ca === null ? {} : { ca }) : null,
    timeoutMs: timeout_s * 1000,
  };
}

async function passwordIn(path: string): Promise<string> {
  const text = await readPrivateFile(path, {
    what: "the password of Launchpad's database (tracker.database.password_file)",
    makeNew: "It holds the password and nothing else.",
    revoke: "change the role's password",
  });
  return text.replace(/\r?\n$/, "");
}

async function certificatesIn(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ServiceFailure(`tracker.database.tls_ca_file cannot be read: ${messageOf(cause)}`, { cause });
  }
}
