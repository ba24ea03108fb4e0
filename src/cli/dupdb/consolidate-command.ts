import { Command, InvalidArgumentError, Option } from "commander";
import type { ConsolidateFlags } from "./consolidate.ts";
import { databaseOption } from "./open-database-option.ts";

const help = `
The tracker is asked in bulk: at first about every crash, then about those that changed since the last time, and every
30 days about all of them again. It may run beside a batch. Interrupted, the next run goes on from there.

Examples:
  crash-digger dupdb consolidate --dry-run      what would change
  crash-digger dupdb consolidate                once a day, from cron
  crash-digger dupdb consolidate --full --json | jq '.changes[] | select(.becomes == "removed")'

Exit codes: 0 done, or the tracker is away for now; 1 not possible (the reason is printed, and nothing was changed);
2 wrong usage; 130, 143, 129 stopped by SIGINT, SIGTERM, SIGHUP.`;

/** `crash-digger dupdb consolidate`. */
export function consolidateCommand(): Command {
  return new Command("consolidate")
    .description("bring every stored crash to the status that it has on the tracker")
    .addHelpText("after", help)
    .addOption(databaseOption())
    .option("--dry-run", "change nothing; print what would change")
    .option("--full", "ask about every crash, whatever is known since the last time")
    .addOption(
      new Option(
        "--source <source>",
        "whom to ask, where the tracker is Launchpad (default: database if configured)",
      ).choices(["api", "database"]),
    )
    .option(
      "--max-losses <n>",
      "so many crashes may be removed or opened again (default: a tenth, few that the tracker does not know)",
      wholeNumber,
    )
    .option("--json", "print one JSON object")
    .option("-v, --verbose", "log details too")
    .action(async (_options, command: Command) => {
      const { consolidateFromCommandLine } = await import("./consolidate.ts");
      process.exitCode = await consolidateFromCommandLine(command, command.optsWithGlobals<ConsolidateFlags>());
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("A whole number is wanted.");
  return Number(text);
}
