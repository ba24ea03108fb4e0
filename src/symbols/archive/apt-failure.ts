import { ServiceFailure } from "../../system/failure.ts";
import { describeEnd, type ProcessResult, succeeded } from "../../system/process.ts";

const maxLines = 20;
const maxLineLength = 500;

// apt-get update exits 0 when an index could not be fetched ("They have been ignored, or old ones used instead"),
// and --error-on=any does not cover every such case: a component that the archive does not have is only a warning.
// A retrace against stale or missing lists gives wrong answers without a word, so these warnings are errors here.
const ignoredIndex = /ignored, or old ones used|Failed to fetch|Skipping acquire of configured file|is not signed/i;

/**
 * The lines that apt meant for people: errors (`E:`) and warnings (`W:`), with the credentials that a
 * source's address may hold taken out.
 */
export function aptLines(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => /^[EW]: /.test(line))
    .map((line) => line.replace(/:\/\/[^\s/@]*@/g, "://***@").slice(0, maxLineLength))
    .slice(0, maxLines);
}

/** Whether an update that calls itself a success left an index out. */
export function leftAnIndexOut(output: string): boolean {
  return aptLines(output).some((line) => line.startsWith("E: ") || ignoredIndex.test(line));
}

/** Throws unless an apt program ended well and had no complaint that makes its result doubtful. */
export function requireAptSuccess(what: string, result: ProcessResult, remedy: string): void {
  if (succeeded(result) && !leftAnIndexOut(result.stderr)) return;
  const lines = aptLines(result.stderr);
  const words = lines.length > 0 ? `\n${lines.map((line) => `  ${line}`).join("\n")}` : "";
  throw new ServiceFailure(`${what} failed: ${describeEnd(result)}${words}`, { remedy });
}
