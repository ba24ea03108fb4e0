import { Command } from "commander";
import { CliError } from "./exit.ts";
import { usualExitCodes } from "./help.ts";
import { printableLines } from "./printable.ts";

const help = `
A batch that fails keeps its lock, so that nothing runs until a person has looked. When the cause is mended this
takes the lock away; the next batch goes on where the failed one stopped.

Examples:
  crash-digger unlock
  crash-digger unlock --lock /run/lock/retracer.lock   a lock that "run --lock" named
${usualExitCodes}`;

/** `crash-digger unlock`: lets batches run again after a failure. */
export function unlockCommand(): Command {
  return new Command("unlock")
    .description("let batches run again after a failure")
    .option("-l, --lock <file>", "lock file (default: the one of the configuration)")
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      const [{ configWith }, { unlock }, { systemClock }, { ownIdentity }, { pathsOf }] = await Promise.all([
        import("./config-overrides.ts"),
        import("../digger/lock.ts"),
        import("../system/clock.ts"),
        import("../system/process-identity.ts"),
        import("../wiring/paths.ts"),
      ]);
      const path = pathsOf(configWith(command.optsWithGlobals<{ config?: string; lock?: string }>())).lock;
      const state = unlock({ path, identity: ownIdentity(), clock: systemClock });
      if (state.kind === "live") {
        throw new CliError(`a batch is running (process ${state.content.pid}); its lock ${path} stays`);
      }
      if (state.kind === "free") process.stdout.write("There was no lock.\n");
      else process.stdout.write(`Unlocked. It said: ${printableLines(state.content.reason ?? state.kind)}\n`);
    });
}
