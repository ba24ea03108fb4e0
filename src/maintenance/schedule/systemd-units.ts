import { type Job, type JobTime, jobsOf } from "./jobs.ts";
import { marker } from "./owned-files.ts";
import type { Schedule, ScheduleFile } from "./schedule.ts";
import { serviceUnit } from "./systemd-service.ts";

const folder = "/etc/systemd/system";

// %p of crash-digger-backup.service is crash-digger-backup.
const onFailure = "crash-digger-failure@%p.service";

/** A service and a timer for each job, and the service that tells people when one of them did not get to do so itself. */
export function systemdUnits(schedule: Schedule): readonly ScheduleFile[] {
  const units = jobsOf(schedule).flatMap((job) => [
    { path: `${folder}/${unitName(job)}.service`, text: serviceUnit(schedule, job.description, job.words, onFailure) },
    { path: `${folder}/${unitName(job)}.timer`, text: timerUnit(job) },
  ]);
  const tell = serviceUnit(schedule, "tell that %i failed", ["schedule", "tell", "%i"], null);
  return [...units, { path: `${folder}/crash-digger-failure@.service`, text: tell }];
}

/** The timers to be enabled. */
export function timersOf(schedule: Schedule): readonly string[] {
  return jobsOf(schedule).map((job) => `${unitName(job)}.timer`);
}

function unitName({ name }: Job): string {
  return name === null ? "crash-digger" : `crash-digger-${name}`;
}

function timerUnit({ description, time }: Job): string {
  const lines = [
    marker,
    "",
    "[Unit]",
    `Description=crash-digger: ${description}, regularly`,
    "",
    "[Timer]",
    `OnCalendar=${calendarOf(time)}`,
    // What was missed while the machine was off is made up for.
    ...(time.kind === "daily" ? ["Persistent=yes"] : []),
    "",
    "[Install]",
    "WantedBy=timers.target",
  ];
  return `${lines.join("\n")}\n`;
}

// systemd.time(7), "Calendar events".
function calendarOf(time: JobTime): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  if (time.kind === "every") return time.minutes === 60 ? "*:00" : `*:00/${two(time.minutes)}`;
  return `${time.kind === "daily" ? `*-*-* ${two(time.hour)}` : "*"}:${two(time.minute)}`;
}
