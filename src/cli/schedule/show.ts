import { join } from "node:path";
import { installedPaths, ownershipOf } from "../../maintenance/schedule/owned-files.ts";
import type { Schedule, ScheduleKind } from "../../maintenance/schedule/schedule.ts";
import { scheduleFiles } from "../../maintenance/schedule/schedule-files.ts";
import { kindOf, readSchedule, type ScheduleFlags } from "./read-schedule.ts";

type Shown = { readonly path: string; readonly state: "installed" | "outdated" | "absent" | "foreign" };

/** Prints which files of a schedule are there, and whether "install" would write them otherwise now. */
export async function show(flags: ScheduleFlags & { readonly json?: true }): Promise<void> {
  const kind = kindOf(flags);
  const kinds: readonly ScheduleKind[] = kind === null ? ["cron", "systemd"] : [kind];
  const { schedule } = readSchedule(flags);
  const installed = kinds.filter((each) => kind !== null || installedPaths(flags.root, each).length > 0);
  const files = installed.flatMap((each) => shownFiles(flags.root, schedule, each));
  if (flags.json) process.stdout.write(`${JSON.stringify({ files })}\n`);
  else process.stdout.write(files.length === 0 ? "No schedule is installed.\n" : files.map(lineOf).join(""));
}

function shownFiles(root: string, schedule: Schedule, kind: ScheduleKind): readonly Shown[] {
  const wanted = new Map(scheduleFiles(schedule, kind).map(({ path, text }) => [path, text]));
  const paths = new Set([...wanted.keys(), ...installedPaths(root, kind)]);
  return [...paths].map((path) => {
    const found = ownershipOf(join(root, path));
    if (found.kind !== "ours") return { path, state: found.kind };
    return { path, state: found.text === wanted.get(path) ? "installed" : "outdated" };
  });
}

const words = {
  installed: "installed",
  outdated: "installed; install would write it otherwise now, or not at all",
  absent: "not installed",
  foreign: "there, but not written by crash-digger",
} as const;

function lineOf({ path, state }: Shown): string {
  return `${path}: ${words[state]}\n`;
}
