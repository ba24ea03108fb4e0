/**
 * A value as one line of JSON that is safe on a terminal, too: JSON itself escapes only what is below U+0020, and
 * U+009B begins a terminal's control sequence as well as `ESC [` does.
 */
export function jsonLine(value: object): string {
  const text = JSON.stringify(value).replace(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, escaped);
  return `${text}\n`;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
