import { Command } from "commander";
import { examplesAndExitCodes } from "./help.ts";

const checkExample = "crash-digger config check --config /etc/crash-digger/config.toml";
const showExample = "crash-digger config show > config.toml";

type Flags = { readonly config?: string };

/** `crash-digger config check|show`. */
export function configCommand(): Command {
  return new Command("config")
    .description("look at the configuration")
    .addHelpText("after", examplesAndExitCodes(checkExample, showExample))
    .addCommand(
      new Command("check")
        .description("check the configuration file; every fault is named with its line")
        .addHelpText("after", `\nExamples:\n  ${checkExample}\n\nExit codes: 0 no fault; 2 faults (each is printed).`)
        .action(async (_options, command: Command) => {
          const { defaultConfigPath, loadConfig } = await import("../config/load.ts");
          const { config } = command.optsWithGlobals<Flags>();
          loadConfig(config);
          process.stdout.write(`${config ?? defaultConfigPath()}: ok\n`);
        }),
    )
    .addCommand(
      new Command("show")
        .description("print every setting, the defaults filled in, as TOML")
        .addHelpText("after", examplesAndExitCodes(showExample))
        .action(async (_options, command: Command) => {
          const [{ loadConfig }, { stringify }] = await Promise.all([import("../config/load.ts"), import("smol-toml")]);
          process.stdout.write(`${stringify(loadConfig(command.optsWithGlobals<Flags>().config))}\n`);
        }),
    );
}
