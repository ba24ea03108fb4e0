import { Command } from "commander";
import { exitCode } from "./exit.ts";
import { examplesAndExitCodes } from "./help.ts";
import { printable } from "./printable.ts";
import type { ReportSignatures } from "./report-signatures.ts";

const help = examplesAndExitCodes(
  "crash-digger signature /var/crash/*.crash",
  "crash-digger signature --json traced.crash | jq -r .signature",
);

/** `crash-digger signature FILE… [--json]`: the signatures that the duplicate database would compare. */
export function signatureCommand(): Command {
  return new Command("signature")
    .description("show signature, address signature and top of the stack of crash reports")
    .argument("<file...>", "crash reports")
    .option("--json", "print one JSON object a line for each file")
    .addHelpText("after", help)
    .action(showSignatures);
}

// A report that cannot be read does not keep the others from being shown.
async function showSignatures(files: readonly string[], options: { json?: boolean }): Promise<void> {
  const { reportSignatures } = await import("./report-signatures.ts");
  for (const file of files) {
    const outcome = await reportSignatures(file);
    if (!outcome.ok) process.exitCode = exitCode.failed;
    const complaint = outcome.ok ? outcome.signatures.addressSignatureError : outcome.error;
    if (complaint !== undefined) process.stderr.write(`crash-digger: ${printable(`${file}: ${complaint}`)}\n`);
    if (options.json) printJson(outcome.ok ? { file, ...outcome.signatures } : { file, error: outcome.error });
    else if (outcome.ok) process.stdout.write(asText(file, outcome.signatures));
  }
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function asText(file: string, signatures: ReportSignatures): string {
  const top = signatures.stacktraceTop?.split("\n") ?? ["none"];
  const rows = [
    ["signature", signatures.signature ?? "none"],
    ["address signature", signatures.addressSignature ?? "none"],
    ["useful trace", signatures.useful ? "yes" : "no"],
    ...top.map((line, index) => [index === 0 ? "top of the stack" : "", line]),
  ];
  const lines = rows.map(([label = "", value = ""]) => `  ${label.padEnd(18)} ${printable(value)}\n`);
  return `${printable(file)}\n${lines.join("")}`;
}
