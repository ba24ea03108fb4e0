import { Command } from "commander";
import type { CollectFlags } from "./collect-report.ts";

const help = `
Makes a crash report out of a core that lies on the machine where the program crashed: what the core says (program,
signal, memory map), the package of the program and those it depends on with their installed versions, release and
architecture. The core goes into the report. Cores that systemd-coredump compressed are taken as they are (zstd;
lz4 and xz with the tools of these names); what a file is, its first bytes tell. No environment and no user name is
added, but a core is the program's memory: keep the report as private as that (it is readable by its owner only).

Without -o the report is written to PROGRAM.PID.crash in the current folder, unless that is there already. Its name
is printed on standard output; what is missing in the report is said on standard error.

Examples:
  crash-digger collect --core core.4711
  crash-digger collect --core /var/lib/systemd/coredump/core.vlc.1000.….zst -o vlc.crash
  crash-digger collect --core core --executable /opt/app/bin/app -o - | ssh retracer crash-digger submit -
  crash-digger collect --core core -o app.crash && crash-digger submit app.crash && crash-digger run

Exit codes: 0 written; 1 not possible (the reason is printed); 2 wrong usage.`;

/** `crash-digger collect`: a report from a raw core of this machine. */
export function collectCommand(): Command {
  return new Command("collect")
    .description("make a crash report out of a core dump on this machine")
    .requiredOption("--core <core>", "core dump, raw or as systemd-coredump stores it")
    .option("--executable <path>", "what crashed, when the core does not tell or a script was run")
    .option("-o, --output <file>", "where to write the report; - for standard output")
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      const { collectFromCommandLine } = await import("./collect-report.ts");
      process.exitCode = await collectFromCommandLine(command.optsWithGlobals<CollectFlags>());
    });
}
