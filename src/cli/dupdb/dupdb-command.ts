import { Command } from "commander";
import { usualExitCodes } from "../help.ts";
import { consolidateCommand } from "./consolidate-command.ts";
import { changeMasterCommand, fixedCommand, mergeCommand, removeCommand, reopenCommand } from "./edit-commands.ts";
import { publishCommand } from "./publish-command.ts";
import { checkCommand, dumpCommand, showCommand } from "./read-commands.ts";

const examples = `
Examples:
  crash-digger dupdb dump | grep -P '\\topen\\t'            the open ones
  crash-digger dupdb show 1234 -d ./duplicates.db
  crash-digger dupdb fixed 1234 2.36-9+deb12u8
  crash-digger dupdb fixed 1234 unknown                   fixed, nobody knows in which version
  crash-digger dupdb change-master 1234 99                1234 was closed as a duplicate of 99
  crash-digger dupdb publish /srv/www/duplicates
  crash-digger dupdb consolidate                          every crash as the tracker has it, once a day
${usualExitCodes}`;

/** `crash-digger dupdb …`: looks into the duplicate database and changes it. */
export function dupdbCommand(): Command {
  const dupdb = new Command("dupdb")
    .description("show, change and publish the duplicate database")
    .addHelpText("after", examples);
  for (const command of [
    dumpCommand(),
    showCommand(),
    fixedCommand(),
    reopenCommand(),
    removeCommand(),
    changeMasterCommand(),
    mergeCommand(),
    publishCommand(),
    consolidateCommand(),
    checkCommand(),
  ]) {
    dupdb.addCommand(command);
  }
  return dupdb;
}
