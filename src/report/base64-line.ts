const dash = 0x2d;
const underscore = 0x5f;

// A string for each line of a core of a gigabyte is more than a gigabyte of them. Strings of this size die young.
const pieceBytes = 32 * 1024;

/**
 * Writes the bytes of one line of base64 (RFC 4648, section 4) into `target` from `offset` on, which has room for
 * them (`decodedLength`). Null when the line is not exactly that: padded, without blanks, and in the standard alphabet.
 *
 * @returns how many bytes these are.
 */
export function decodeBase64Line(line: Buffer, target: Buffer, offset: number): number | null {
  if (line.length % 4 !== 0) return null;
  // Node's decoder leaves out what it does not know, which then shows in the length, and it takes
  // the URL alphabet (`-` and `_`) too, which does not.
  if (line.includes(dash) || line.includes(underscore)) return null;
  let done = 0;
  for (let start = 0; start < line.length; start += pieceBytes) {
    const piece = line.toString("latin1", start, start + pieceBytes);
    done += target.write(piece, offset + done, "base64");
  }
  return done === decodedLength(line) ? done : null;
}

/** How many bytes a line of base64 decodes to, if it is one. */
export function decodedLength(line: Buffer): number {
  return Math.floor(line.length / 4) * 3 - paddingOf(line);
}

function paddingOf(line: Buffer): number {
  if (line.at(-1) !== 0x3d) return 0;
  return line.at(-2) === 0x3d ? 2 : 1;
}
