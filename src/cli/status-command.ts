import { Command } from "commander";

const help = `
Shows the lock, what is pending, what the last batches did and how much memory they took, edits that still have to
reach the tracker, and every crash that is set aside, with the reason and the next step: dead letters, those that wait
for another try, and those that wait for debug symbols.

Examples:
  crash-digger status
  crash-digger status --json | jq .pending

Exit codes: 0 batches may run; 1 a failure keeps the lock; 2 wrong usage.`;

/** `crash-digger status`: how the retracer is doing. */
export function statusCommand(): Command {
  return new Command("status")
    .description("show the lock, the work list and the last batches")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      const { showStatus } = await import("./show-status.ts");
      process.exitCode = await showStatus(command.optsWithGlobals());
    });
}
