import { Command } from "commander";
import { exitCode } from "../exit.ts";
import { examplesAndExitCodes } from "../help.ts";
import { databaseOption, withDuplicates } from "./open-database-option.ts";

export function publishCommand(): Command {
  return new Command("publish")
    .description("write the folders sig/ and address/, in which crash reporters look signatures up over HTTP")
    .addHelpText("after", examplesAndExitCodes("crash-digger dupdb publish /srv/www/duplicates"))
    .argument("<dir>", "folder that a web server offers")
    .addOption(databaseOption())
    .action(async (folder: string, _options: unknown, command: Command) => {
      const [{ loadConfig }, { asService }] = await Promise.all([
        import("../../config/load.ts"),
        import("../tell-people.ts"),
      ]);
      const config = loadConfig(command.optsWithGlobals<{ config?: string }>().config);
      process.exitCode = await asService("dupdb publish", config, () => publish(command, folder));
    });
}

async function publish(command: Command, folder: string): Promise<number> {
  const { signatures, addresses, leftOut } = await withDuplicates(command, (duplicates) => duplicates.publish(folder));
  const note = leftOut === 0 ? "" : `; ${leftOut} left out because they do not fit on a line`;
  process.stdout.write(`published ${signatures} signatures and ${addresses} address signatures${note}\n`);
  return exitCode.ok;
}
