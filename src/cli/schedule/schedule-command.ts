import { Command, InvalidArgumentError, Option } from "commander";
import { examplesAndExitCodes, usualExitCodes } from "../help.ts";
import type { ScheduleFlags } from "./read-schedule.ts";

const help = `
The files that have cron or systemd call "run" every few minutes, and back up, consolidate, publish and clean
regularly; and one for logrotate. Users, times and places: [schedule] of the configuration, or options.

Examples:
  crash-digger schedule install --cron              print what would be written
  crash-digger schedule install --cron --yes        write it
  crash-digger schedule show                        what is installed, and whether it is up to date
  crash-digger schedule remove --yes                remove what "install" has written, and nothing else
${usualExitCodes}`;

/** `crash-digger schedule install|show|remove|tell`. */
export function scheduleCommand(): Command {
  return new Command("schedule")
    .description("have cron or systemd run crash-digger regularly")
    .addHelpText("after", help)
    .addCommand(installCommand())
    .addCommand(showCommand())
    .addCommand(removeCommand())
    .addCommand(tellCommand());
}

function installCommand(): Command {
  const examples = examplesAndExitCodes(
    "crash-digger schedule install --cron",
    "crash-digger schedule install --systemd --user retracer --yes",
    "crash-digger schedule install --cron --every-min 5 --daily-at 02:30 --mail-to crashes@example.org --yes",
    "crash-digger schedule install --systemd --root debian/tmp --yes      for a package",
  );
  return placed(new Command("install"), true)
    .description("write the files of a schedule; without --yes, print them")
    .option("--user <name>", "user that it runs as (default: schedule.user)")
    .option("--every-min <n>", "minutes between batches (default: schedule.every_min)", wholeNumber)
    .option("--daily-at <time>", "when the daily work begins (default: schedule.daily_at)")
    .option("--log <file>", "file for the log (default: schedule.log)")
    .option("--mail-to <address>", "whom cron mails (default: notify.mail_to, else root)")
    .option("--yes", "write them")
    .addHelpText("after", examples)
    .action(async (_options, command: Command) => {
      const { install } = await import("./install.ts");
      await install(command.optsWithGlobals<ScheduleFlags>());
    });
}

function showCommand(): Command {
  const examples = examplesAndExitCodes("crash-digger schedule show", "crash-digger schedule show --cron --json");
  return placed(new Command("show"), false)
    .description("show which files of a schedule are there, and whether they are as install would write them")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(async (_options, command: Command) => {
      const { show } = await import("./show.ts");
      await show(command.optsWithGlobals<ScheduleFlags & { readonly json?: true }>());
    });
}

function removeCommand(): Command {
  const examples = examplesAndExitCodes("crash-digger schedule remove", "crash-digger schedule remove --cron --yes");
  return placed(new Command("remove"), false)
    .description("remove the files of a schedule, and no others; without --yes, name them")
    .option("--yes", "remove them")
    .addHelpText("after", examples)
    .action(async (_options, command: Command) => {
      const { remove } = await import("./remove.ts");
      remove(command.optsWithGlobals<ScheduleFlags>());
    });
}

function tellCommand(): Command {
  const note = `
The service crash-digger-failure@.service calls it. A command that ended with exit code 1 has told people itself; one
that was killed, ran out of memory or could not be started did not get to do so.
`;
  return new Command("tell")
    .description("tell people that a unit of the schedule failed, unless it did so itself; systemd calls it")
    .argument("<unit>", "its name, without .service")
    .addHelpText("after", note + examplesAndExitCodes("crash-digger schedule tell crash-digger-backup"))
    .action(async (unit: string, _options, command: Command) => {
      const { tellOfUnit } = await import("./tell-of-unit.ts");
      await tellOfUnit(unit, command.optsWithGlobals<{ readonly config?: string }>(), process.env);
    });
}

function placed(command: Command, isRequired: boolean): Command {
  const what = isRequired ? "" : " only";
  return command
    .addOption(new Option("--cron", `the file for /etc/cron.d${what}`).conflicts("systemd"))
    .addOption(new Option("--systemd", `the units for systemd${what}`).conflicts("cron"))
    .option("--root <dir>", "folder that stands for /, for packages and tests", "/");
}

function wholeNumber(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("not a number of minutes");
}
