import { Command } from "commander";

const help = `
Looks at everything that a batch needs and prints one line for each: "ok", "warning" (batches run, but something is
not as it should be) or "problem" with what to do about it. Nothing is changed. Run it as the user of the service.

Examples:
  crash-digger doctor
  crash-digger doctor --online          also fetch the package lists of every release
  crash-digger doctor --json            {"healthy": …, "findings": [{check, outcome, found, remedy}, …]}

Exit codes: 0 no problem was found; 1 there is one, at least; 2 wrong usage.`;

/** `crash-digger doctor`: every precondition with its remedy. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check everything that a batch needs, and say what to do")
    .option("--online", "also fetch the package lists of every release")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      const { runDoctor } = await import("./run-doctor.ts");
      process.exitCode = await runDoctor(command.optsWithGlobals());
    });
}
