import { marker } from "./owned-files.ts";
import type { Schedule, ScheduleFile } from "./schedule.ts";

/**
 * The file for logrotate. The log may be renamed at any time: each run opens it anew, and one that is under way goes on
 * writing into the renamed file, which is compressed a week later. `create` alone keeps owner and mode.
 */
export function logrotateFile({ log }: Schedule): ScheduleFile {
  const settings = ["weekly", "rotate 12", "missingok", "notifempty", "compress", "delaycompress", "create"];
  const lines = [marker, `${log} {`, ...settings.map((setting) => `    ${setting}`), "}"];
  return { path: "/etc/logrotate.d/crash-digger", text: `${lines.join("\n")}\n` };
}
