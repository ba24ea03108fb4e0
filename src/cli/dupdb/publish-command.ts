import { Command } from "commander";
import { databaseOption, withDuplicates } from "./open-database-option.ts";

export function publishCommand(): Command {
  return new Command("publish")
    .description("Writes the folders sig/ and address/, in which crash reporters look signatures up over HTTP.")
    .argument("<dir>", "folder that a web server offers")
    .addOption(databaseOption())
    .action(async (folder: string, _options: unknown, command: Command) => {
      const published = await withDuplicates(command, (duplicates) => duplicates.publish(folder));
      const { signatures, addresses, leftOut } = published;
      const note = leftOut === 0 ? "" : `; ${leftOut} left out because they do not fit on a line`;
      process.stdout.write(`published ${signatures} signatures and ${addresses} address signatures${note}\n`);
    });
}
