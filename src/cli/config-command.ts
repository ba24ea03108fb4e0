import { Command } from "commander";

type Flags = { readonly config?: string };

/** `crash-digger config check|show`. */
export function configCommand(): Command {
  return new Command("config")
    .description("look at the configuration")
    .addCommand(
      new Command("check")
        .description("check the configuration file; every fault is named with its line")
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
        .action(async (_options, command: Command) => {
          const [{ loadConfig }, { stringify }] = await Promise.all([import("../config/load.ts"), import("smol-toml")]);
          process.stdout.write(`${stringify(loadConfig(command.optsWithGlobals<Flags>().config))}\n`);
        }),
    );
}
