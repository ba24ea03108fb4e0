import { blank, digit, firstWord, linesOf } from "./text.ts";

/** What the signature rules see of one frame in gdb's text. */
export type FrameLine = {
  /** The line without its number, its address and a `*` after the address; never blank. */
  readonly text: string;
  /** The text's first word up to `(`. */
  readonly functionName: string;
  /** Whether this is the frame that the kernel makes to call a signal handler. */
  readonly isHandler: boolean;
};

export const handlerText = "<signal handler called>";

/**
 * The frames of `bt full` or `thread apply all bt full`: the lines that begin `#N`.
 *
 * What stands between them (locals, `No locals.`, the dots for empty lines) is passed over.
 */
export function* frameLines(stacktrace: string): Generator<FrameLine> {
  for (const line of linesOf(stacktrace)) {
    const frame = frameLine(line);
    if (frame !== null) yield frame;
  }
}

/** The second word of a frame line when it is an address in hex (`0x` in lower case, digits in any), else null. */
export function addressOf(line: string): bigint | null {
  const digits = addressPattern.exec(line)?.[1];
  return digits === undefined ? null : BigInt(`0x${digits}`);
}

const framePattern = new RegExp(`^#[${digit}]+[${blank}]+(?:0x[0-9a-fA-F]+[${blank}]+in[${blank}]+\\*?)?(.*)$`, "su");
const handlerPattern = new RegExp(`^${handlerText}[${blank}]*$`, "u");
const addressPattern = new RegExp(`^#[${digit}]+[${blank}]+0x([0-9a-fA-F]+)(?:[${blank}]|$)`, "u");

function frameLine(line: string): FrameLine | null {
  if (!line.startsWith("#")) return null;
  const text = framePattern.exec(line)?.[1] ?? "";
  const word = firstWord(text);
  // `#3  0x00007f12 in ` is what is left of a frame when gdb was cut off there: it names nothing.
  if (word === "") return null;
  if (handlerPattern.test(text)) return { text: handlerText, functionName: "", isHandler: true };
  return { text, functionName: word.slice(0, nameLength(word)), isHandler: false };
}

// `operator() (this=…)` gives `operator`, `(anonymous namespace)::f (…)` gives an empty name: rule of version 1.
function nameLength(word: string): number {
  const parenthesis = word.indexOf("(");
  return parenthesis < 0 ? word.length : parenthesis;
}
