import { Command } from "commander";
import type { SubmitResult } from "../../tracker/local/submit.ts";
import { exitCode } from "../exit.ts";
import { usualExitCodes } from "../help.ts";
import { printable } from "../printable.ts";
import { jsonLine } from "./json-line.ts";
import { withTracker } from "./with-tracker.ts";

const help = `
Each FILE is a problem report (.crash) as Apport writes it, a folder whose *.crash files are meant, or - for a
report on standard input. The number of each new crash is printed on a line of its own. A report that is
ill-formed is refused with the place of the fault; the others go on, and the exit code is 1.

Examples:
  crash-digger submit /var/crash/_usr_bin_sleep.1000.crash
  crash-digger submit /var/crash
  ssh laptop cat /var/crash/app.crash | crash-digger submit -
  crash-digger submit --json *.crash
${usualExitCodes}`;

/** `crash-digger submit FILE…`: files reports in the local tracker. */
export function submitCommand(): Command {
  return new Command("submit")
    .description("file crash reports in the tracker and print their numbers")
    .argument("<file...>", "reports, folders of reports, or - for standard input")
    .option("--json", "print one JSON object a line for each report")
    .addHelpText("after", help)
    .action(async (files: readonly string[], options: { json?: true }, command: Command) => {
      await submitAll(files, options.json === true, command);
    });
}

async function submitAll(files: readonly string[], json: boolean, command: Command): Promise<void> {
  const [{ nativeArchitecture }, { reportsIn }] = await Promise.all([
    import("../../wiring/open.ts"),
    import("./reports-in.ts"),
  ]);
  const hostArchitecture = await nativeArchitecture();
  await withTracker(command, async (tracker) => {
    for (const argument of files) {
      for (const file of await reportsIn(argument)) {
        tell(file, await tracker.submit(file === "-" ? process.stdin : file, { hostArchitecture }), json);
      }
    }
  });
}

function tell(file: string, result: SubmitResult, json: boolean): void {
  process.stdout.write(json ? jsonLine(asJson(file, result)) : asText(file, result));
  if (result.kind === "filed") return;
  process.exitCode = exitCode.failed;
  complain(file, result);
}

function asJson(file: string, result: SubmitResult): object {
  return result.kind === "filed"
    ? { file, id: result.id, title: result.title, tags: result.tags }
    : { file, error: result.fault };
}

function asText(file: string, result: SubmitResult): string {
  if (result.kind === "refused") return "";
  return process.stdout.isTTY ? `${result.id}  ${printable(file)}: ${printable(result.title)}\n` : `${result.id}\n`;
}

function complain(file: string, { fault }: Extract<SubmitResult, { kind: "refused" }>): void {
  const field = fault.field === null ? "" : `, field ${printable(fault.field)}`;
  const place = fault.kind === "unreadable" || fault.kind === "empty" ? "" : `line ${fault.line}${field}: `;
  const why = `${place}${printable(fault.message)} (${fault.kind})`;
  process.stderr.write(`crash-digger: ${printable(file)}: refused: ${why}\n`);
}
