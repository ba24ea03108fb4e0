import type { SourceExcerpt } from "../trace/types.ts";

const linesAround = 5;
const longestLine = 200;
const tabStop = 8;

/** The lines of a text around one of them (counted from 1); null when the text has no such line. */
export function sourceExcerpt(text: string, line: number): Pick<SourceExcerpt, "firstLine" | "lines"> | null {
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  if (line < 1 || line > all.length) return null;
  const firstLine = Math.max(1, line - linesAround);
  return { firstLine, lines: all.slice(firstLine - 1, line + linesAround).map(shown) };
}

// Source text is as foreign as anything else of a package: no escapes for terminals, no marks that turn the writing round
// (CVE-2021-42574), no line of a million characters.
function shown(line: string): string {
  const plain = withoutTabs(line.slice(0, longestLine)).replace(/\r$/, "");
  const cut = line.length > longestLine ? `${plain}…` : plain;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/gu, escaped).trimEnd();
}

function withoutTabs(line: string): string {
  let column = 0;
  return line.replace(/[^\t]+|\t/g, (piece) => {
    const text = piece === "\t" ? " ".repeat(tabStop - (column % tabStop)) : piece;
    column += text.length;
    return text;
  });
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
