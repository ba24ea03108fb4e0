import { withBackupLock } from "../maintenance/backup/backup-lock.ts";
import { type FoundBackup, findBackups, whyBad } from "../maintenance/backup/check-backup.ts";
import { type Taken, takeBackup } from "../maintenance/backup/take-backup.ts";
import type { BackupSettings } from "../maintenance/backup/types.ts";
import { systemClock } from "../system/clock.ts";
import { type Log, silentLog } from "../system/log.ts";
import { version } from "../version.ts";
import { backupSettings } from "../wiring/backup.ts";
import { adviceFor } from "./backup-advice.ts";
import { listed, listText, type Verified, verifiedText } from "./backup-texts.ts";
import { configWith } from "./config-overrides.ts";
import { CliError, exitCode } from "./exit.ts";
import { stdoutLog } from "./stdout-log.ts";
import { asService } from "./tell-people.ts";

export type BackupFlags = {
  readonly config?: string;
  readonly duplicateDb?: string;
  readonly json?: true;
  readonly verbose?: true;
  readonly at?: Date;
};

/** Takes a backup; resolves with the exit code. A failure is told as that of a batch is. */
export async function backUp(flags: BackupFlags): Promise<number> {
  const config = configWith(flags);
  const log = flags.json ? silentLog : stdoutLog(flags.verbose);
  const take = async (): Promise<number> => {
    const taken = await takeOne(backupSettings(config), log);
    if (flags.json) process.stdout.write(`${JSON.stringify(taken)}\n`);
    return exitCode.ok;
  };
  return await asService("backup", config, take, { explain: (error) => adviceFor(error, config, flags), log });
}

type Outcome = { readonly outcome: "taken" | "nothing there yet" | "another is under way" } & Partial<Taken>;

async function takeOne(settings: BackupSettings, log: Log): Promise<Outcome> {
  const since = systemClock.monotonicMs();
  const done = await withBackupLock(settings.folder, systemClock, async () => ({
    taken: await takeBackup(settings, { clock: systemClock, log, version }),
  }));
  if (done === null) {
    log.event("another backup is under way; nothing done", { folder: settings.folder });
    return { outcome: "another is under way" };
  }
  if (done.taken === null) {
    log.event("there is no database yet; nothing done");
    return { outcome: "nothing there yet" };
  }
  const { name, manifest, removed } = done.taken;
  log.event("backup taken", {
    backup: name,
    folder: settings.folder,
    second: settings.secondFolder ?? undefined,
    databases: manifest.databases.map((database) => database.name).join(","),
    bytes: manifest.databases.reduce((sum, database) => sum + database.packedBytes, 0),
    removed: removed.length,
    ms: Math.round(systemClock.monotonicMs() - since),
  });
  return { outcome: "taken", ...done.taken };
}

/** Prints the backups there are. */
export async function listBackups(flags: BackupFlags): Promise<void> {
  const settings = backupSettings(configWith(flags));
  const backups = await findBackups(settings);
  process.stdout.write(flags.json ? `${JSON.stringify({ backups: backups.map(listed) })}\n` : listText(backups));
}

/** Reads backups; resolves with the exit code. */
export async function verifyBackups(flags: BackupFlags): Promise<number> {
  const settings = backupSettings(configWith(flags));
  const { at } = flags;
  const all = (await findBackups(settings)).filter(({ takenAt }) => at === undefined || takenAt <= at);
  const backups = at === undefined ? all : all.filter(({ name }) => name === all[0]?.name);
  if (backups.length === 0)
    throw new CliError(`there is no backup${at === undefined ? "" : " of that time"} to verify`);
  const verified: Verified[] = [];
  for (const backup of backups) {
    const one = { backup, problems: await problemsOf(backup, settings) };
    verified.push(one);
    if (!flags.json) process.stdout.write(verifiedText(one));
  }
  if (flags.json) {
    const words = verified.map(({ backup, problems }) => ({ ...listed(backup), problems }));
    process.stdout.write(`${JSON.stringify({ backups: words })}\n`);
  }
  return verified.every(({ problems }) => problems.length === 0) ? exitCode.ok : exitCode.failed;
}

async function problemsOf(backup: FoundBackup, { folder }: BackupSettings): Promise<readonly string[]> {
  const { manifest } = backup;
  if (typeof manifest === "string") return [manifest];
  const problems: string[] = [];
  for (const packed of manifest.databases) problems.push((await whyBad(backup, packed, folder)) ?? "");
  return problems.filter((problem) => problem !== "");
}
