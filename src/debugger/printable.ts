/**
 * Text that is safe on a terminal and in a line-based file. gdb escapes what is in strings, but names of functions,
 * files and variables come out as they are, and one may hold `ESC ] 0 ;`. Control characters other than tab and
 * line feed become `\x1b` and the like.
 */
export function printable(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, escaped);
}

/** The same for a name or a value, which has no line breaks or tabs of its own. */
export function printableLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, escaped);
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
