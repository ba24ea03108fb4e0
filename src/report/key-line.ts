import { isFieldName } from "./field-names.ts";
import { Malformed } from "./malformed.ts";

const space = 0x20;
const colon = 0x3a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** A line that begins an entry: `Key: text` or `Key: base64`. */
export type KeyLine = {
  readonly key: string;
  /** What stands behind the colon, without blanks on either side. */
  readonly text: Buffer;
  readonly isBinary: boolean;
};

/** Whether a line continues the entry before it. */
export function isContinuation(line: Buffer): boolean {
  return line[0] === space;
}

/**
 * Takes the first line of an entry apart.
 *
 * @param number of the line in the file, from 1: the first line of all gets its own diagnosis.
 * @throws Malformed when it has no colon, or a key that no field may have.
 */
export function parseKeyLine(line: Buffer, number: number): KeyLine {
  if (number === 1) refuseForeignFile(line);
  const end = line.indexOf(colon);
  if (end === -1) throw noColon(number);
  const key = line.toString("latin1", 0, end);
  if (!isFieldName(key)) {
    throw new Malformed("bad-key", "the key is not made of letters, digits, dots, dashes and underscores", {
      field: printable(key),
      line: number,
    });
  }
  const text = strip(line.subarray(end + 1));
  return { key, text, isBinary: text.equals(Buffer.from("base64")) };
}

// A report that went through a mail program or an editor of another system comes back with CR LF on every
// line. Read on, its Stacktrace and ProcMaps would carry a CR a line and give signatures that match no
// other report. Genuine values may end in CR here and there (a captured console), a first line never does.
function refuseForeignFile(line: Buffer): void {
  const refuse = (message: string): never => {
    throw new Malformed("bad-first-line", message, { line: 1 });
  };
  if (line.subarray(0, 3).equals(byteOrderMark)) refuse("the file begins with a byte order mark, so it was converted");
  if (isContinuation(line)) refuse("the first line is indented, so it continues nothing");
  if (line.at(-1) === carriageReturn) refuse("the first line ends with CR LF, so the file was converted");
}

function noColon(number: number): Malformed {
  return number === 1
    ? new Malformed("bad-first-line", "the first line has no colon, so this is not a problem report", { line: 1 })
    : new Malformed("bad-line", "the line is neither indented nor has it a key with a colon", { line: number });
}

function printable(key: string): string {
  const shown = key.slice(0, 64).replace(/[^\x20-\x7e]/g, "?");
  return key.length > 64 ? `${shown}...` : shown;
}

/** Without the white space (that of ASCII) on either side. */
function strip(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start])) start += 1;
  while (end > start && isBlank(bytes[end - 1])) end -= 1;
  return bytes.subarray(start, end);
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
