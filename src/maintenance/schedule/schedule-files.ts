import { cronFile } from "./cron-file.ts";
import { logrotateFile } from "./logrotate-file.ts";
import type { Schedule, ScheduleFile, ScheduleKind } from "./schedule.ts";
import { systemdUnits } from "./systemd-units.ts";

/** All files of a schedule, for cron or for systemd. */
export function scheduleFiles(schedule: Schedule, kind: ScheduleKind): readonly ScheduleFile[] {
  return [...(kind === "cron" ? [cronFile(schedule)] : systemdUnits(schedule)), logrotateFile(schedule)];
}
