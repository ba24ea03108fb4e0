import { handlerText } from "./frame-line.ts";
import { kernelCrashSignature, oopsSignature, suspendSignature } from "./kernel-signature.ts";
import { blank, linesOf, word } from "./text.ts";
import { type ResolveLink, tracebackSignature } from "./traceback-signature.ts";
import type { ReportFields } from "./types.ts";

/**
 * The crash's signature, version 1: reports with equal ones are duplicates. Null when the report says too
 * little to be told from others.
 *
 * The first rule that applies decides, also when it decides for none. A field that is there but empty counts
 * as there. The path of a program is the report's own: where the package ships it plays no part.
 *
 * @param resolveLink where a symbolic link on this machine leads, or the path itself; asked only for files of a
 *   Python traceback's module level. Unless given, paths stay as they are.
 */
export function signatureOf(fields: ReportFields, resolveLink: ResolveLink = (path) => path): string | null {
  const given = fields.get("DuplicateSignature");
  if (given !== undefined) return given;
  const executable = fields.get("ExecutablePath");
  if (executable === undefined) return isKernelReport(fields) ? kernelSignature(fields) : null;
  return kernelCrash(fields) ?? programSignature(executable, fields, resolveLink);
}

function programSignature(executable: string, fields: ReportFields, resolveLink: ResolveLink): string | null {
  const signal = fields.get("Signal");
  const assertion = fields.get("AssertionMessage");
  if (signal === "6" && assertion !== undefined) return assertionSignature(executable, assertion);
  const top = fields.get("StacktraceTop");
  if (top !== undefined && signal !== undefined) return topSignature(executable, signal, top);
  const traceback = fields.get("Traceback");
  if (traceback === undefined) return suspendSignature(fields) ?? oopsSignature(fields);
  return tracebackSignature(executable, traceback, fields.get("_PythonExceptionQualifier"), resolveLink);
}

// The rules of a program's crash all begin with its path; without one only the kernel's are left.
function kernelSignature(fields: ReportFields): string | null {
  return kernelCrash(fields) ?? suspendSignature(fields) ?? oopsSignature(fields);
}

function kernelCrash(fields: ReportFields): string | null {
  const stacktrace = fields.get("Stacktrace");
  if (fields.get("ProblemType") !== "KernelCrash" || stacktrace === undefined) return null;
  return kernelCrashSignature(stacktrace);
}

function isKernelReport(fields: ReportFields): boolean {
  const type = fields.get("ProblemType");
  return type === "KernelCrash" || type === "KernelOops";
}

// "double free or corruption (out): 0x00000000025c7010": the address differs in each process. The path is
// part of the text that is cleaned, as it always was. Capital digits are no address: glibc prints none.
function assertionSignature(executable: string, message: string): string {
  return `${executable}:${message}`.replace(/0x[0-9a-f]{6,}/g, "ADDR");
}

const functionPattern = new RegExp(`^(?:[${word}:~]+|${handlerText}(?=[${blank}]*$))`, "u");

// One frame without a name (`??`) makes the whole worthless: it could be any function.
function topSignature(executable: string, signal: string, stacktraceTop: string): string | null {
  const parts = [executable, signal];
  for (const line of linesOf(stacktraceTop)) {
    const functionName = functionPattern.exec(line)?.[0];
    if (functionName === undefined) return null;
    parts.push(functionName);
  }
  const functions = parts.length - 2;
  return functions < 2 ? null : parts.join(":");
}
