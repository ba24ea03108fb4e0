import { existsSync } from "node:fs";
import type { Migration } from "../database/migrations.ts";
import { openDatabase } from "../database/open-database.ts";
import { inspectLock } from "../digger/lock.ts";
import { ownIdentity } from "../system/process-identity.ts";
import { ok, problem } from "./answers.ts";
import type { Answer } from "./types.ts";

/** Whether a database opens, is ours and is sound. Changes nothing. @throws ServiceFailure when not */
export async function checkDatabase(path: string, migrations: readonly Migration[]): Promise<Answer> {
  if (!existsSync(path)) return ok(`${path} is not there yet: the first batch makes it`);
  const database = await openDatabase(path, { migrations, readOnly: true });
  try {
    await database.integrityCheck();
    return ok(`${path} is sound`);
  } finally {
    await database.close();
  }
}

/** Whether batches may run. */
export function checkLock(path: string): Answer {
  const state = inspectLock({ path, identity: ownIdentity() });
  if (state.kind === "free") return ok(`${path}: free`);
  const { pid, reason } = state.content;
  if (state.kind === "live") return ok(`${path}: a batch is running (process ${pid})`);
  if (state.kind === "rebooted") return ok(`${path}: left by a reboot; the next batch takes it over`);
  const why = reason ?? `process ${pid} was killed, or died, in mid-batch`;
  return problem(`${path} is kept, nothing runs: ${why}`, "Mend the cause, then: crash-digger unlock");
}

/**
 * Whether the clock can be right: a Release file is refused when it seems to come from the future or to be out of date.
 *
 * @param notBefore a moment that has certainly passed, such as when the program was installed.
 */
export function checkClock(now: Date, notBefore: Date): Answer {
  if (now >= notBefore) return ok(now.toISOString());
  return problem(
    `the clock says ${now.toISOString()}, but crash-digger was installed on ${notBefore.toISOString()}`,
    "Set the clock, and let it be kept right: timedatectl set-ntp true",
  );
}
