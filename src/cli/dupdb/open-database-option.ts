import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Duplicates } from "../../duplicates/duplicates.ts";
import { CliError, exitCode } from "../exit.ts";
import { printable } from "../printable.ts";

/** What every `dupdb` command understands. */
type DatabaseOption = { readonly duplicateDb?: string };

export function databaseOption(): Option {
  return new Option("-d, --duplicate-db <path>", "the database file (default: the one of the configuration)");
}

/**
 * Opens the database that the command line or the configuration names, lets work use it, and closes it.
 *
 * @param checked reads all of it first, unless it is known to be sound: for work that changes much of it. To show one
 *   row that would take too long; `dupdb check` is for that.
 * @throws CliError when there is no such file; ServiceFailure when it is damaged.
 */
export async function withDuplicates<T>(
  command: Command,
  work: (duplicates: Duplicates) => Promise<T>,
  { checked = false }: { readonly checked?: boolean } = {},
): Promise<T> {
  const path = await databasePath(command);
  // Opening would create it, and a mistyped path would look like an empty database.
  if (!existsSync(path)) {
    throw new CliError(`there is no duplicate database ${printable(path)}; name it with --duplicate-db PATH`);
  }
  const { openDuplicates } = await import("../../duplicates/duplicates.ts");
  const duplicates = await openDuplicates(path, { integrityCheck: checked });
  try {
    return await work(duplicates);
  } finally {
    await duplicates.close();
  }
}

async function databasePath(command: Command): Promise<string> {
  const { duplicateDb, config: file } = command.optsWithGlobals<DatabaseOption & { config?: string }>();
  if (duplicateDb !== undefined) return duplicateDb;
  const { ConfigError, loadConfig } = await import("../../config/load.ts");
  try {
    const config = loadConfig(file);
    return config.duplicates.database ?? join(config.state_dir, "duplicates.db");
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message, exitCode.usage);
    throw error;
  }
}
