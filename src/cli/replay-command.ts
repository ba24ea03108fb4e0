import { Command } from "commander";
import type { ReplayFlags } from "./replay-crash.ts";

const help = `
REPORT is the number of a crash on the tracker whose core is still there, or a report file together with the
manifest of its retrace ("retrace --manifest FILE" writes one). The same files are taken by build-id and sha256, from
the cache or from the archive at the same versions; gdb runs again, and the results are compared.

Examples:
  crash-digger replay 42
  crash-digger retrace -s --manifest app.json app.crash
  crash-digger replay app.crash --manifest app.json

Exit codes: 0 identical; 1 the result differs, or the same files cannot be had (each reason is printed);
2 wrong usage.`;

/** `crash-digger replay`: repeats a retrace from its manifest. */
export function replayCommand(): Command {
  return new Command("replay")
    .description("repeat a retrace from its manifest and say what differs")
    .argument("<report>", "report file, or number of a crash on the tracker")
    .option("--manifest <file>", "manifest of the retrace (default: Manifest.json of the tracker's crash)")
    .option("-S, --sandbox <dir>", "package sources: a folder with one folder per release, or 'system'")
    .option("-C, --cache <dir>", "cache folder for packages and symbols")
    .option("--json", "print one JSON object")
    .option("-v, --verbose", "log what is done, on stderr")
    .addHelpText("after", help)
    .action(async (report: string, _options, command: Command) => {
      const { replayFromCommandLine } = await import("./replay-crash.ts");
      process.exitCode = await replayFromCommandLine(report, command.optsWithGlobals<ReplayFlags>());
    });
}
