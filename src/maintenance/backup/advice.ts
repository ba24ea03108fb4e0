import { DamagedDatabase } from "../../database/damaged-database.ts";
import { ServiceFailure } from "../../system/failure.ts";
import { newestGood } from "./check-backup.ts";
import type { BackupSettings } from "./types.ts";

/**
 * An error that a damaged database has caused, with what to do about it: the newest backup that is good (it is read
 * now), and the command that puts it back. Any other error as it came.
 *
 * @param commandLine the whole command line for the words of a command: with the configuration that is in use
 */
export async function withBackupAdvice(
  error: unknown,
  settings: BackupSettings,
  commandLine: (words: readonly string[]) => string,
): Promise<unknown> {
  const damaged = damageIn(error);
  const name = settings.databases.find(({ path }) => path === damaged?.path)?.name;
  if (damaged === null || name === undefined || !(error instanceof Error)) return error;
  // Whatever is in the way of looking (a full disk, say): what failed first is what a person has to be told.
  const good = await newestGood(settings, name).catch(() => null);
  const remedy =
    good === null
      ? `There is no good backup of it (in ${settings.folder}). ${damaged.remedy ?? ""}`
      : `The newest good backup of it is of ${good.backup.takenAt.toISOString()}. Put it back with: ` +
        `${commandLine(["backup", "restore", name, "--at", good.backup.name])} (the damaged file is kept beside it).`;
  const advised = new ServiceFailure(error.message, { cause: error.cause, remedy: remedy.trim() });
  // Where it was thrown, and not where the advice was found.
  if (error.stack !== undefined) advised.stack = error.stack;
  return advised;
}

const maxCauses = 10;

function damageIn(error: unknown): DamagedDatabase | null {
  let cause = error;
  for (let depth = 0; depth < maxCauses && cause instanceof Error; depth += 1) {
    if (cause instanceof DamagedDatabase) return cause;
    cause = cause instanceof SuppressedError ? cause.suppressed : cause.cause;
  }
  return null;
}
