import { Command } from "commander";
import { examplesAndExitCodes } from "../help.ts";
import { databaseOption } from "./open-database-option.ts";

export function publishCommand(): Command {
  return new Command("publish")
    .description("write the folders sig/ and address/, in which crash reporters look signatures up over HTTP")
    .addHelpText("after", examplesAndExitCodes("crash-digger dupdb publish /srv/www/duplicates"))
    .argument("<dir>", "folder that a web server offers")
    .addOption(databaseOption())
    .action(async (folder: string, _options: unknown, command: Command) => {
      const { publishAsService } = await import("./publish.ts");
      process.exitCode = await publishAsService(folder, command);
    });
}
