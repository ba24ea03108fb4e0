import { chownSync, closeSync, openSync } from "node:fs";
import type { Config } from "../../config/schema.ts";
import { installedPaths, putFile } from "../../maintenance/schedule/owned-files.ts";
import type { Schedule, ScheduleKind } from "../../maintenance/schedule/schedule.ts";
import { scheduleFiles } from "../../maintenance/schedule/schedule-files.ts";
import { timersOf } from "../../maintenance/schedule/systemd-units.ts";
import { messageOf } from "../../system/failure.ts";
import { CliError, exitCode } from "../exit.ts";
import { kindOf, readSchedule, type ScheduleFlags } from "./read-schedule.ts";
import { userIds } from "./user-ids.ts";

/** Prints the files of the schedule or, when told so, writes them. */
export async function install(flags: ScheduleFlags): Promise<void> {
  const kind = kindOf(flags);
  if (kind === null) throw new CliError("schedule install: say --cron or --systemd", exitCode.usage);
  const { schedule, config } = readSchedule(flags);
  refuseBoth(flags.root, kind);
  const files = scheduleFiles(schedule, kind);
  if (flags.yes) {
    if (flags.root === "/") await prepareLog(schedule);
    for (const file of files) putFile(flags.root, file);
    process.stdout.write(files.map(({ path }) => `written: ${path}\n`).join(""));
  } else {
    process.stdout.write(files.map(({ path, text }) => `==> ${path} <==\n${text}\n`).join(""));
    process.stdout.write("Nothing was written: --yes does it.\n");
  }
  process.stdout.write(
    notes(schedule, config, kind)
      .map((note) => `${note}\n`)
      .join(""),
  );
}

// Everything would run twice: batches keep each other out, backups and the rest do not.
function refuseBoth(root: string, kind: ScheduleKind): void {
  const other = kind === "cron" ? "systemd" : "cron";
  const [path] = installedPaths(root, other);
  if (path === undefined) return;
  throw new CliError(
    `a schedule for ${other} is installed (${path}); with both, everything would run twice.\n` +
      `What to do: crash-digger schedule remove --${other} --yes`,
  );
}

/** What is left for a person to do or to know. */
function notes(schedule: Schedule, { notify }: Config, kind: ScheduleKind): readonly string[] {
  if (kind === "cron") return [];
  const mailed = notify.mail_to.length > 0;
  return [
    `Next:  systemctl daemon-reload && systemctl enable --now ${timersOf(schedule).join(" ")}`,
    ...(mailed ? [] : ["Note:  systemd mails nobody. Set notify.mail_to, or failures are in the journal alone."]),
    ...(mailed && notify.smtp === undefined && schedule.user !== "root"
      ? ['Note:  below these units sendmail gets no rights of its own. Set notify.smtp = "smtp://localhost".']
      : []),
  ];
}

// An ordinary user cannot make a file in /var/log, and would be mailed that by cron every few minutes.
async function prepareLog({ user, log }: Schedule): Promise<void> {
  const { uid, gid } = await userIds(user);
  try {
    closeSync(openSync(log, "ax", 0o640));
    chownSync(log, uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new CliError(`the log ${log} cannot be made: ${messageOf(error)}`);
  }
}
