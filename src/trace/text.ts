// Signatures of version 1 were defined by a Python program: its idea of a line, of a blank and of a word
// character is part of the format. JavaScript's differ: its \w knows ASCII only, so `größe()` would end
// after `gr`; its \s holds U+FEFF and lacks the four separators U+001C to U+001F.
// The constants are the inside of a character class, for regular expressions with the `u` flag.

/** What Python's `\w` matches in text. */
export const word = String.raw`\p{L}\p{N}_`;

/** What Python's `\s`, `strip()` and `split()` take for a blank. */
export const blank = String.raw`\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

/** What Python's `\d` matches in text: decimal digits of every script. */
export const digit = String.raw`\p{Nd}`;

/** Characters of one text that are looked at; what follows is ignored. Far above what gdb may print. */
export const maxTextCharacters = 64 * 1024 * 1024;

/** Characters of one line that are looked at. The longest C++ names that people meet have some 100,000. */
export const maxLineCharacters = 1024 * 1024;

/**
 * The lines of a text as Python's `splitlines()` has them: a final line break makes no empty last line, and
 * form feeds, vertical tabs, lone carriage returns and Unicode's separators end a line too.
 */
export function* linesOf(text: string): Generator<string> {
  const lineBreak = /\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]/g;
  const end = Math.min(text.length, maxTextCharacters);
  let start = 0;
  while (start < end) {
    const found = lineBreak.exec(text);
    const lineEnd = Math.min(found?.index ?? end, end);
    yield text.slice(start, Math.min(lineEnd, start + maxLineCharacters));
    start = found === null ? end : lineBreak.lastIndex;
  }
}

/** The first word of a text, empty when there is none. */
export function firstWord(text: string): string {
  return firstWordPattern.exec(text)?.[1] ?? "";
}

/** The text without the blanks around it. One pass from each side: `\s+$` would try a long run from each of its blanks. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text, start)) start += 1;
  while (end > start && isBlank(text, end - 1)) end -= 1;
  return text.slice(start, end);
}

/** Whether the character at this place is a blank. */
export function isBlank(text: string, index: number): boolean {
  return blankPattern.test(text.charAt(index));
}

const blankPattern = new RegExp(`^[${blank}]$`, "u");
const firstWordPattern = new RegExp(`^[${blank}]*([^${blank}]*)`, "u");
