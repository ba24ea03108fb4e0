import { Command, InvalidArgumentError, Option } from "commander";

import { acceptIdle, alwaysIdleOfRun } from "./apport-options.ts";
import type { RunOptions } from "./run-batch.ts";

type RunFlags = Omit<RunOptions, "format"> & Partial<Pick<RunOptions, "format">>;

const help = `
A batch works through what is pending on the tracker, and ends; cron or a timer calls it again.
Nothing is printed on stderr unless a person has to act; then the lock stays until "crash-digger unlock".

Examples:
  crash-digger run                      everything that is pending
  crash-digger run --limit 10 -v        at most ten crashes, with details
  crash-digger run --only 42            crash 42 alone
  crash-digger run -D                   only reports that need a duplicate check and no retrace
  crash-digger run --dry-run            what a batch would do; "crash-digger diff-plan" compares it later
  crash-digger run -c /etc/apport-crashdb/config -C /srv/cache -l /srv/lock -d /srv/duplicates.db
                                        a cron line of Apport's crash-digger

Exit codes: 0 done, or nothing to do, or another batch holds the lock; 1 stopped by a failure; 2 wrong usage;
130, 143, 129 stopped by SIGINT, SIGTERM, SIGHUP.`;

/** `crash-digger run`: one batch. */
export function runCommand(): Command {
  const command = new Command("run")
    .description("work through the pending crashes once, and exit")
    .option("--limit <n>", "at most this many crashes", positiveInteger)
    .option("--jobs <n>", "cores that gdb reads at a time (default: one per processor)", positiveInteger)
    .option("--only <id>", "only this crash, if it is pending", positiveInteger)
    .option("-D, --dupcheck", "only reports that need a duplicate check (no core)")
    .addOption(
      new Option("--format <format>", "what to print (default: table on a terminal, else log)").choices([
        "log",
        "table",
        "json",
      ]),
    )
    .option("-v, --verbose", "log details too")
    .option("-c, --config-dir <dir>", "package sources: a folder with one folder per release, or 'system'")
    .option("-C, --cache <dir>", "cache folder for packages and symbols")
    .option("-l, --lock <file>", "lock file")
    .option("-d, --duplicate-db <path>", "duplicate database")
    .option("--publish-db <dir>", "publish the duplicate database to this folder after the batch")
    .option("-a, --auth <file>", "credentials file, where the tracker is Launchpad")
    .option("--crash-db <name>", "distribution or project to work on, where the tracker is Launchpad")
    .addOption(
      new Option(
        "--dry-run",
        "change nothing on the tracker nor in the databases; print and store the plans",
      ).conflicts("publishDb"),
    )
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      process.exitCode = await runOnce(command.optsWithGlobals<RunFlags>());
    });
  return acceptIdle(command, alwaysIdleOfRun);
}

async function runOnce(flags: RunFlags): Promise<number> {
  const options = { ...flags, format: flags.format ?? (process.stdout.isTTY ? "table" : "log") } as const;
  if (options.dryRun === true) return await (await import("./dry-run.ts")).dryRunFromCommandLine(options);
  return await (await import("./run-batch.ts")).runFromCommandLine(options);
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("A whole number from 1 is wanted.");
  return Number(text);
}
