// What may not reach a terminal from a report, a core or a tool: control characters (a path may hold
// "\x1b]0;…" and change the terminal's title, or worse), marks that reorder text ("Trojan Source",
// CVE-2021-42574), other line separators, invisible tag characters and halves of surrogate pairs.
const dangerous =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** Foreign text on one line and fit for a terminal: whatever could steer it is written as an escape (`\x1b`). */
export function printable(text: string): string {
  return text.replace(dangerous, escaped);
}

/** The same for text of several lines: line breaks and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(dangerous, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
}
