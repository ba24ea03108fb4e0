import { Command } from "commander";
import type { CheckFlags } from "./run-check.ts";

const help = `
For monitoring: prints one line as Nagios and Icinga want it, with the measured values behind the "|", and says by its
exit code how the service is doing. Nothing is changed, and nobody is asked over the network unless --online. Run it as
the user of the service.

Limits, each "NAME=VALUE" or "NAME=off"; what passes one is told (times: 90m, 36h, 7d; sizes: 500M, 10G):
  success-age      since a batch last ended well             warning 2h, critical 1d
  batch-age        how long a batch has been running         warning 6h, critical 1d
  queue            crashes that wait for a batch             warning 1000
  oldest-pending   since batches saw the oldest of them      warning 1d, critical 7d
  dead-letters     crashes that a person has to look at      warning 0
  stuck-edits      crashes whose edits are refused           warning 0
  backup-age       since the newest backup, if configured    warning 36h, critical 3d
  disk-free        room for state_dir, for cache_dir         warning below 5G, critical below 1G
  cache            per cent of symbols.max_bytes             warning 110
A lock that a failure keeps is critical; a batch that ended early because it had grown too large is a warning.

Examples:
  crash-digger check
  crash-digger check -w success-age=30m -c success-age=3h -c dead-letters=20
  crash-digger check --online -w queue=200      the queue as the tracker has it now
  crash-digger check --json                     {"state": …, "findings": […], "measures": […]}

Exit codes: 0 all is well; 1 warning; 2 critical; 3 nothing can be told, or wrong usage.`;

/** `crash-digger check`: one line and an exit code for monitoring. */
export function checkCommand(): Command {
  return new Command("check")
    .description("say in one line how the service is doing, for Nagios or Icinga")
    .option("-w, --warning <limit>", "warn beyond this; may be repeated", collected, [])
    .option("-c, --critical <limit>", "critical beyond this; may be repeated", collected, [])
    .option("-l, --lock <file>", "lock file (default: the one of the configuration)")
    .option("--online", "ask the tracker how many crashes are pending")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      const { runCheck } = await import("./run-check.ts");
      process.exitCode = await runCheck(command.optsWithGlobals<CheckFlags>());
    });
}

function collected(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
