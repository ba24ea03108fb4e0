import { blank, digit, linesOf, word } from "./text.ts";
import type { ReportFields } from "./types.ts";

const kernelFramePattern = new RegExp(`^[${blank}]*#[${digit}]+ \\[[${word}]+\\] ([${word}]+)`, "u");

/** Signature of a kernel that crashed: the functions of the crash utility's ` #0 [ffff88003ed41c10] machine_kexec at …`. */
export function kernelCrashSignature(stacktrace: string): string {
  const parts = ["kernel"];
  for (const line of linesOf(stacktrace)) {
    const functionName = kernelFramePattern.exec(line)?.[1];
    if (functionName !== undefined) parts.push(functionName);
  }
  return parts.join(":");
}

/** Signature of a machine that did not suspend or resume: the failure, and the machine it was on. Null for others. */
export function suspendSignature(fields: ReportFields): string | null {
  const failure = fields.get("Failure");
  if (fields.get("ProblemType") !== "KernelOops" || failure === undefined) return null;
  if (!failure.includes("suspend") && !failure.includes("resume")) return null;
  const machine = [fields.get("MachineType"), fields.get("dmi.bios.version")];
  return [failure, ...machine.filter((part) => part !== undefined && part !== "")].join(":");
}

/** Signature of a kernel oops: what went wrong, where, and the call trace. Null when the text has none of these. */
export function oopsSignature(fields: ReportFields): string | null {
  const text = fields.get("OopsText");
  if (text === undefined) return null;
  const parts = [...oopsParts(text)];
  return parts.length === 0 ? null : parts.join(":");
}

const faultStart = "BUG: unable to handle ";

// "BUG: unable to handle kernel NULL pointer dereference at 00000000": the address after the last ` at ` differs
// each time. "IP: [<c11e4690>] ext4_get_acl+0x80/0x210". "Call Trace:", then " [<c0107b0d>] ? sys_foo+0x1/0x2",
// where `?` marks what merely lay on the stack. A line of another kind, one with a tab too, ends the trace.
function* oopsParts(oopsText: string): Generator<string> {
  let inCallTrace = false;
  for (const line of linesOf(oopsText)) {
    const isCall: boolean = inCallTrace && line.startsWith(" ");
    const part = isCall ? reliableCall(line) : factOf(line);
    if (part !== null) yield part;
    inCallTrace = isCall || line.startsWith("Call Trace:");
  }
}

function factOf(line: string): string | null {
  if (line.startsWith("IP: ")) return afterAddress(line);
  if (!line.startsWith(faultStart)) return null;
  const end = line.lastIndexOf(" at ");
  return end < faultStart.length ? null : line.slice(faultStart.length, end);
}

function reliableCall(line: string): string | null {
  const call = afterAddress(line);
  return call?.startsWith("?") ? null : call;
}

// What follows the last `] ` of a line with a `[` before it; nothing at all is no name.
function afterAddress(line: string): string | null {
  const close = line.lastIndexOf("] ");
  const open = line.indexOf("[");
  return open < 0 || close < open || close + 2 === line.length ? null : line.slice(close + 2);
}
