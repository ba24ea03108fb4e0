import { Command } from "commander";
import { CliError, exitCode } from "./exit.ts";
import type { RetraceFlags } from "./retrace-report.ts";

const help = `
REPORT is a problem report (.crash) or the number of a crash on the tracker. Without -s, -o, -g and --json a
report file is rewritten with the traces in it; a crash on the tracker is printed and left as it is ("run --only
ID" is what changes it).

Examples:
  crash-digger retrace -s app.crash                   print the traces
  crash-digger retrace -o traced.crash app.crash      write a new report
  crash-digger retrace -S /etc/releases app.crash     package sources by release, as for apport-retrace
  crash-digger retrace -g 42                          open gdb on it, in the jail

Exit codes: 0 traced; 1 not possible (the reason is printed); 2 wrong usage; 99 try again later.`;

/** `crash-digger retrace`: one crash, for a person. */
export function retraceCommand(): Command {
  return new Command("retrace")
    .description("retrace one report and show or store the result")
    .argument("<report>", "report file, or number of a crash on the tracker")
    .option("-s, --stdout", "print the traces, change nothing")
    .option("-o, --output <file>", "write the report with its traces to this file")
    .option("-S, --sandbox <dir>", "package sources: a folder with one folder per release, or 'system'")
    .option("-C, --cache <dir>", "cache folder for packages and symbols")
    .option("--json", "print frames, modules and fields as JSON")
    .option("-g, --gdb", "open gdb on the core, in the jail, with the symbols found")
    .option("-v, --verbose", "log what is done, on stderr")
    .addHelpText("after", help)
    .action(async (report: string, _options, command: Command) => {
      const flags = command.optsWithGlobals<RetraceFlags>();
      const outputs = [flags.stdout, flags.output, flags.gdb, flags.json].filter((flag) => flag !== undefined);
      if (outputs.length > 1) throw new CliError("only one of -s, -o, -g and --json at a time", exitCode.usage);
      const { retraceFromCommandLine } = await import("./retrace-report.ts");
      process.exitCode = await retraceFromCommandLine(report, flags);
    });
}
