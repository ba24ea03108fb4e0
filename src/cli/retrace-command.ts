import { Command } from "commander";
import { acceptIdle, idleOfRetrace } from "./apport-options.ts";
import { isCrashId } from "./crash-id.ts";
import { CliError, exitCode } from "./exit.ts";
import type { RetraceFlags } from "./retrace-flags.ts";

const help = `
REPORT is a problem report (.crash) or the number of a crash on the tracker. Without -s, -o, -g and --json a
report file is rewritten with the traces in it; a crash on the tracker is printed and left as it is, unless
--auth asks for the result to be sent (as "run --only ID" does).

Examples:
  crash-digger retrace -s app.crash                   print the traces
  crash-digger retrace -o traced.crash app.crash      write a new report
  crash-digger retrace -S /etc/releases app.crash     package sources by release, as for apport-retrace
  crash-digger retrace -s -r core -x /usr/bin/app app.crash
                                                      another core than the report's
  crash-digger retrace -g 42                          open gdb on it, in the jail

Exit codes: 0 traced; 1 not possible (the reason is printed); 2 wrong usage; 99 try again later.`;

/** `crash-digger retrace`: one crash, for a person. */
export function retraceCommand(): Command {
  const command = new Command("retrace")
    .description("retrace one report and show or store the result")
    .argument("<report>", "report file, or number of a crash on the tracker")
    .option("-s, --stdout", "print the traces, change nothing")
    .option("-o, --output <file>", "write the report with its traces to this file")
    .option("--json", "print frames, modules and fields as JSON")
    .option("-g, --gdb", "open gdb on the core, in the jail, with the symbols found")
    .option("-c, --remove-core", "leave the core out of the written report")
    .option("-R, --rebuild-package-info", "set Package to the package that the program's file was found in")
    .option("-r, --core-file <file>", "take this core instead of the report's CoreDump")
    .option("-x, --executable <path>", "take this instead of the report's ExecutablePath")
    .option("-m, --procmaps <file>", "take this file's text instead of the report's ProcMaps")
    .option("-S, --sandbox <dir>", "package sources: a folder with one folder per release, or 'system'")
    .option("-C, --cache <dir>", "cache folder for packages and symbols")
    .option("--auth <file>", "with a number: send the result to the tracker; credentials file, where that is Launchpad")
    .option("--confirm", "with --auth: show the traces and ask first")
    .option("--duplicate-db <path>", "with --auth: duplicate database")
    .option("--no-stacktrace-source", "no lines of source: fetch no source packages")
    .option("--manifest <file>", "write to this file what was used, for replay")
    .option("-v, --verbose", "log what is done, on stderr")
    .addHelpText("after", help)
    .action(async (report: string, _options, command: Command) => {
      const flags = command.optsWithGlobals<RetraceFlags>();
      const outputs = [flags.stdout, flags.output, flags.gdb, flags.json].filter((flag) => flag !== undefined);
      if (outputs.length > 1) throw new CliError("only one of -s, -o, -g and --json at a time", exitCode.usage);
      process.exitCode = await retraceOrSend(report, flags, outputs.length > 0);
    });
  return acceptIdle(command, idleOfRetrace);
}

// As with apport-retrace, --auth counts only for a crash by number that is not to be shown or written to a file.
async function retraceOrSend(report: string, flags: RetraceFlags, stays: boolean): Promise<number> {
  if (flags.auth !== undefined && !stays && isCrashId(report)) {
    const { retraceOnTracker } = await import("./retrace-on-tracker.ts");
    return await retraceOnTracker(Number(report), flags);
  }
  const { beginRetrace } = await import("./begin-retrace.ts");
  await using begun = await beginRetrace(flags);
  const { retraceFromCommandLine } = await import("./retrace-report.ts");
  return await retraceFromCommandLine(report, flags, begun);
}
