import { type FrameLine, frameLines } from "./frame-line.ts";
import { digit, strip, word } from "./text.ts";

const keptFrames = 5;

/**
 * The StacktraceTop field: the first five frames that tell where the program went wrong, a line each.
 * Empty when no frame is left.
 *
 * Every crash through `abort()` or a GLib assertion begins with the same frames, and a program with a signal
 * handler begins with that handler. Both say nothing about the fault, so such *reset frames* drop all that
 * was collected above them.
 *
 * @param stacktrace gdb's `bt full`, as in the Stacktrace field.
 */
export function stacktraceTop(stacktrace: string): string {
  let walk: Walk = { collected: [], handlerSeen: false, inResetRun: false, skippingXlib: false };
  for (const frame of frameLines(stacktrace)) walk = step(walk, frame);
  // A one-line field loses its outer blanks when it is written and read again; the value has to be the same before.
  return strip(walk.collected.join("\n"));
}

type Walk = {
  readonly collected: readonly string[];
  readonly handlerSeen: boolean;
  /** Whether the frame above was a reset frame, or one skipped in their run. */
  readonly inResetRun: boolean;
  /** Whether an `_XError` has just reset: Xlib's own way to it says nothing either. */
  readonly skippingXlib: boolean;
};

function step(walk: Walk, frame: FrameLine): Walk {
  if (walk.skippingXlib && isXlibErrorPath(frame.functionName)) return walk;
  if (isResetFrame(frame) && (!walk.handlerSeen || walk.inResetRun)) {
    const handlerSeen = walk.handlerSeen || frame.isHandler;
    return { collected: [], handlerSeen, inResetRun: true, skippingXlib: frame.functionName === "_XError" };
  }
  return { ...walk, collected: collect(walk.collected, frame), inResetRun: false, skippingXlib: false };
}

function collect(collected: readonly string[], frame: FrameLine): readonly string[] {
  if (collected.length >= keptFrames || isNeverCollected(frame.functionName)) return collected;
  return [...collected, frame.text];
}

const resetFunctions: ReadonlySet<string> = new Set([
  "g_logv",
  "g_log",
  "IA__g_log",
  "IA__g_logv",
  "g_assert_warning",
  "IA__g_assert_warning",
  "__GI_abort",
  "_XError",
]);

const xlibErrorFunctions: ReadonlySet<string> = new Set(["handle_response", "handle_error", "XWindowEvent"]);

function isResetFrame(frame: FrameLine): boolean {
  return frame.isHandler || resetFunctions.has(frame.functionName);
}

function isXlibErrorPath(functionName: string): boolean {
  return functionName.startsWith("_X") || xlibErrorFunctions.has(functionName);
}

// Which string function glibc picked (`__strlen_sse2`, `__memcpy_ssse3_back`) depends on the processor, not on
// the fault, and `__kernel_vsyscall` is in every wait on i386. The rule in one expression,
// `^(__.*_s?sse\d+(?:_\w+)?|__kernel_vsyscall)$`, takes quadratic time on `___sse1_a_sse1_a…!`; this does not.
function isNeverCollected(functionName: string): boolean {
  if (functionName === "__kernel_vsyscall") return true;
  if (!functionName.startsWith("__")) return false;
  const wordTail = startOfWordTail(functionName);
  for (const found of functionName.slice(2).matchAll(ssePattern)) {
    const end = 2 + found.index + found[0].length;
    if (end === functionName.length) return true;
    if (end >= wordTail && functionName[end] === "_" && end + 1 < functionName.length) return true;
  }
  return false;
}

const ssePattern = new RegExp(`_s?sse[${digit}]+`, "gu");
const notWordPattern = new RegExp(`[^${word}]`, "gu");

// Where the run of word characters at the end of the name begins.
function startOfWordTail(name: string): number {
  let start = 0;
  for (const found of name.matchAll(notWordPattern)) start = found.index + found[0].length;
  return start;
}
