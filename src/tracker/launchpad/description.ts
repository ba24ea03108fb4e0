import { isFieldName, isInternalField } from "../../report/field-names.ts";
import { fieldsFromText } from "../../report/fields-from-text.ts";

/**
 * The report's short fields out of a bug's description; null when it holds none. They begin with a line
 * `ProblemType: …`, or follow a line `--- ` (reports that were collected for an existing bug), and end at a blank
 * line or at the end. A line among them that is no field is passed over: people edit descriptions.
 */
export function fieldsOfDescription(description: string): ReadonlyMap<string, string> | null {
  const lines = plainText(description).split("\n");
  const start = startOfFields(lines);
  if (start === null) return null;
  const block = [...fieldLines(blockFrom(lines, start))];
  if (block.length === 0) return null;
  const result = fieldsFromText(block.join("\n"));
  return result.ok ? result.fields : null;
}

// Launchpad's web form sends CR LF, and its pages show leading blanks as non-breaking ones: whoever edits the
// description of a bug brings these back into it.
function plainText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\0", "")
    .replace(/\r\n?/g, "\n")
    .replace(/\u00a0/g, " ");
}

function startOfFields(lines: readonly string[]): number | null {
  const first = lines.findIndex((line) => line.startsWith("ProblemType:"));
  if (first !== -1) return first;
  const marker = lines.indexOf("--- ");
  return marker === -1 ? null : marker + 1;
}

// A hook's text that ended with line breaks left blank lines before `Uname:`, the next field by alphabet. Behind
// any other blank line people go on in their own words.
function blockFrom(lines: readonly string[], start: number): readonly string[] {
  const block: string[] = [];
  for (let at = start; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.trim() !== "") block.push(line);
    else if (nextWords(lines, at)?.startsWith("Uname:") !== true) break;
  }
  return block;
}

function nextWords(lines: readonly string[], from: number): string | undefined {
  const maxBlankLines = 100;
  return lines.slice(from, from + maxBlankLines).find((line) => line.trim() !== "");
}

/** The lines of fields that a report's text may have, each with its continuations. */
function* fieldLines(block: readonly string[]): Generator<string> {
  let isKept = false;
  for (const line of block) {
    if (!line.startsWith(" ")) isKept = isTextField(line);
    if (isKept) yield line;
  }
}

function isTextField(line: string): boolean {
  const colon = line.indexOf(":");
  if (colon < 1) return false;
  const name = line.slice(0, colon);
  return isFieldName(name) && !isInternalField(name) && !isCore(name) && line.slice(colon + 1).trim() !== "base64";
}

function isCore(name: string): boolean {
  return name === "CoreDump" || name === "VmCore";
}
