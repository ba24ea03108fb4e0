import { shellQuoted } from "../../system/terminal.ts";
import { type JobTime, jobsOf } from "./jobs.ts";
import { marker } from "./owned-files.ts";
import type { Schedule, ScheduleFile } from "./schedule.ts";

/**
 * The file for /etc/cron.d, as crontab(5) has it. It takes no lock: `run` has its own, and says nothing when another
 * batch is at work. What it prints on stderr is left to cron, which mails it.
 */
export function cronFile(schedule: Schedule): ScheduleFile {
  const lines = [
    marker,
    "# stdout is the log; what is on stderr needs a person, and cron mails it.",
    "SHELL=/bin/sh",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `MAILTO=${schedule.mailTo.join(",")}`,
    "",
    ...jobsOf(schedule).map(
      ({ time, words }) =>
        `${fieldsOf(time)} ${schedule.user} ${commandLine([...schedule.command, ...words], schedule.log)}`,
    ),
  ];
  // cron ignores a last line without an end. A file name with a dot, too.
  return { path: "/etc/cron.d/crash-digger", text: `${lines.join("\n")}\n` };
}

function fieldsOf(time: JobTime): string {
  if (time.kind === "every")
    return `${time.minutes === 60 ? "0" : time.minutes === 1 ? "*" : `*/${time.minutes}`} * * * *`;
  return `${time.minute} ${time.kind === "daily" ? time.hour : "*"} * * *`;
}

// To cron a % is the end of the command and the beginning of its input.
function commandLine(words: readonly string[], log: string): string {
  return `${words.map(plainOrQuoted).join(" ")} >> ${plainOrQuoted(log)}`.replaceAll("%", "\\%");
}

function plainOrQuoted(word: string): string {
  return /^[\w./+:@,=-]+$/.test(word) ? word : shellQuoted(word);
}
