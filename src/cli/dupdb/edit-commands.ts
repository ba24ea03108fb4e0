import { Command } from "commander";
import type { CrashId, MergeOutcome } from "../../duplicates/types.ts";
import { CliError } from "../exit.ts";
import { examplesAndExitCodes } from "../help.ts";
import { parseCrashId, parseFixedVersion, requireStored, unknownCrash } from "./arguments.ts";
import { databaseOption, withDuplicates } from "./open-database-option.ts";

export function fixedCommand(): Command {
  return new Command("fixed")
    .description("mark a crash as fixed in a package version")
    .addHelpText(
      "after",
      examplesAndExitCodes("crash-digger dupdb fixed 1234 2.36-9+deb12u8", "crash-digger dupdb fixed 1234 unknown"),
    )
    .argument("<id>", "crash id", parseCrashId)
    .argument("<version>", "package version, or `unknown`", parseFixedVersion)
    .addOption(databaseOption())
    .action(async (id: CrashId, version: string, _options: unknown, command: Command) => {
      requireStored(await withDuplicates(command, (duplicates) => duplicates.setFixed(id, version)), id);
    });
}

export function reopenCommand(): Command {
  return new Command("reopen")
    .description("mark a crash as open again")
    .addHelpText("after", examplesAndExitCodes("crash-digger dupdb reopen 1234"))
    .argument("<id>", "crash id", parseCrashId)
    .addOption(databaseOption())
    .action(async (id: CrashId, _options: unknown, command: Command) => {
      requireStored(await withDuplicates(command, (duplicates) => duplicates.reopen(id)), id);
    });
}

export function removeCommand(): Command {
  return new Command("remove")
    .description("remove a crash and its address signatures")
    .addHelpText("after", examplesAndExitCodes("crash-digger dupdb remove 1234"))
    .argument("<id>", "crash id", parseCrashId)
    .addOption(databaseOption())
    .action(async (id: CrashId, _options: unknown, command: Command) => {
      requireStored(await withDuplicates(command, (duplicates) => duplicates.remove(id)), id);
    });
}

export function changeMasterCommand(): Command {
  return new Command("change-master")
    .description("give all that is stored under one crash id to another one, which need not be stored yet")
    .addHelpText("after", examplesAndExitCodes("crash-digger dupdb change-master 1234 99"))
    .argument("<old>", "crash id", parseCrashId)
    .argument("<new>", "crash id", parseCrashId)
    .addOption(databaseOption())
    .action(async (from: CrashId, to: CrashId, _options: unknown, command: Command) => {
      printMerge(await withDuplicates(command, (duplicates) => duplicates.changeMaster(from, to)));
    });
}

export function mergeCommand(): Command {
  return new Command("merge")
    .description("make one crash of two; the lower id stays")
    .addHelpText("after", examplesAndExitCodes("crash-digger dupdb merge 1234 99"))
    .argument("<a>", "crash id", parseCrashId)
    .argument("<b>", "crash id", parseCrashId)
    .addOption(databaseOption())
    .action(async (one: CrashId, other: CrashId, _options: unknown, command: Command) => {
      printMerge(await withDuplicates(command, (duplicates) => duplicates.merge(one, other)));
    });
}

function printMerge(outcome: MergeOutcome): void {
  if (outcome.kind === "unknown") throw unknownCrash(outcome.id);
  if (outcome.kind === "same") throw new CliError("the two ids are the same crash");
  process.stdout.write(`crash ${outcome.merge.loser} is now part of crash ${outcome.merge.master}\n`);
}
