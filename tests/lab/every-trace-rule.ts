import { addressSignatureOf } from "../../src/trace/address-signature-of.ts";
import { assertionMessageOf } from "../../src/trace/assertion-message-of.ts";
import { isUseful } from "../../src/trace/is-useful.ts";
import { signatureOf } from "../../src/trace/signature-of.ts";
import { stacktraceTop } from "../../src/trace/stacktrace-top.ts";
import { titleFor } from "../../src/trace/title-for.ts";

const goodTrace = "#0  0x1234 in a ()\n#1  0x1238 in b ()\n#2  0x1240 in c ()";

/** Puts one text through every rule of trace/, in the place of each field that the rules read. */
export function everyTraceRule(text: string): void {
  isUseful(stacktraceTop(text));
  isUseful(text);
  assertionMessageOf({ glib: text, glibc: text });
  for (const fields of fieldsWith(text)) {
    signatureOf(fields);
    addressSignatureOf(fields);
    titleFor(fields);
  }
}

function fieldsWith(text: string): readonly ReadonlyMap<string, string>[] {
  const program: [string, string][] = [["ExecutablePath", "/usr/bin/gedit"]];
  const signal: [string, string][] = [...program, ["Signal", "11"]];
  return [
    new Map([["DuplicateSignature", text]]),
    new Map([
      ["ExecutablePath", text],
      ["Signal", text],
      ["StacktraceTop", text],
      ["AssertionMessage", text],
    ]),
    new Map([...program, ["Signal", "6"], ["AssertionMessage", text]]),
    new Map([...signal, ["StacktraceTop", text]]),
    new Map([...signal, ["Stacktrace", text], ["ProcMaps", "1000-2000 r-xp 0 0 0   /lib/a.so"]]),
    new Map([...signal, ["Stacktrace", goodTrace], ["ProcMaps", text]]),
    new Map([...program, ["Traceback", text], ["_PythonExceptionQualifier", text]]),
    new Map([
      ["ProblemType", "KernelCrash"],
      ["Stacktrace", text],
    ]),
    new Map([
      ["ProblemType", "KernelOops"],
      ["OopsText", text],
    ]),
    new Map([
      ["ProblemType", "KernelOops"],
      ["Failure", text],
      ["MachineType", text],
    ]),
  ];
}
