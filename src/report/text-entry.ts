import { encodeText } from "./text-encoding.ts";

// What stands on the key's own line is stripped when it is read, by some readers of Unicode's white
// space too and by Python of U+001C..U+001F and U+0085. And `Key: base64` would begin a binary field.
const needsOwnLine = /^[\s\x1c-\x1f\x85]|[\s\x1c-\x1f\x85]$|\n|^base64$/;

/**
 * The lines of a text field: `Key: value` where that can be read back unchanged, else `Key:` and each
 * line of the value behind a blank. The format has no form for a NUL or for half a character (null).
 */
export function formatTextEntry(key: string, value: string): Buffer | null {
  const entry = needsOwnLine.test(value) ? `${key}:\n ${value.replaceAll("\n", "\n ")}\n` : `${key}: ${value}\n`;
  return value.includes("\0") ? null : encodeText(entry);
}
