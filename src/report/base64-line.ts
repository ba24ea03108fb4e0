const dash = 0x2d;
const underscore = 0x5f;

/**
 * The bytes of one line of base64 (RFC 4648, section 4), null when it is not exactly that: padded,
 * without blanks, and in the standard alphabet.
 */
export function decodeBase64Line(line: Buffer): Buffer | null {
  if (line.length === 0) return line;
  if (line.length % 4 !== 0) return null;
  // Node's decoder leaves out what it does not know, which then shows in the length, and it takes
  // the URL alphabet (`-` and `_`) too, which does not.
  if (line.includes(dash) || line.includes(underscore)) return null;
  const bytes = Buffer.from(line.toString("latin1"), "base64");
  return bytes.length === (line.length / 4) * 3 - paddingOf(line) ? bytes : null;
}

function paddingOf(line: Buffer): number {
  if (line.at(-1) !== 0x3d) return 0;
  return line.at(-2) === 0x3d ? 2 : 1;
}
