import { join } from "node:path";
import { installedPaths, ownershipOf, removeFile } from "../../maintenance/schedule/owned-files.ts";
import type { ScheduleKind } from "../../maintenance/schedule/schedule.ts";
import { kindOf, type ScheduleFlags } from "./read-schedule.ts";

const logrotate = "/etc/logrotate.d/crash-digger";

/** Removes the files of a schedule that are ours, or, unless told so, names them. What is not ours stays, and is named. */
export function remove(flags: ScheduleFlags): void {
  const kind = kindOf(flags);
  const kinds: readonly ScheduleKind[] = kind === null ? ["cron", "systemd"] : [kind];
  const others = kind === null ? [] : installedPaths(flags.root, kind === "cron" ? "systemd" : "cron");
  const schedules = kinds.flatMap((each) => installedPaths(flags.root, each));
  // The log of the other schedule still wants to be rotated.
  const paths = [...schedules, ...(others.length === 0 ? [logrotate] : [])];
  const timers = schedules.filter((path) => path.endsWith(".timer")).map((path) => path.replace(/^.*\//, ""));
  if (timers.length > 0) process.stdout.write(`First: systemctl disable --now ${timers.join(" ")}\n`);
  const lines = paths.flatMap((path) => lineOf(path, flags));
  process.stdout.write(lines.length === 0 ? "No schedule is installed.\n" : lines.join(""));
  if (!flags.yes && lines.length > 0) process.stdout.write("Nothing was removed: --yes does it.\n");
}

function lineOf(path: string, { root, yes }: ScheduleFlags): readonly string[] {
  const target = join(root, path);
  const { kind } = ownershipOf(target);
  if (kind === "absent") return [];
  if (kind === "foreign") return [`left alone: ${path} (not written by crash-digger)\n`];
  if (!yes) return [`would be removed: ${path}\n`];
  removeFile(target);
  return [`removed: ${path}\n`];
}
