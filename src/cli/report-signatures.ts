import { tmpdir } from "node:os";
import { readReport } from "../report/read-report.ts";
import type { ReportFault } from "../report/types.ts";
import { resolveLink } from "../system/resolve-link.ts";
import { addressSignatureOf } from "../trace/address-signature-of.ts";
import { isUseful } from "../trace/is-useful.ts";
import { signatureOf } from "../trace/signature-of.ts";
import { stacktraceTop } from "../trace/stacktrace-top.ts";
import type { ReportFields } from "../trace/types.ts";

/** What a report is compared by. Keys are those of the command's JSON. */
export type ReportSignatures = {
  readonly signature: string | null;
  readonly addressSignature: string | null;
  /** The field, or what is derived from Stacktrace; null when the report has neither. */
  readonly stacktraceTop: string | null;
  readonly useful: boolean;
  /** Why there is no address signature, when ProcMaps could not be understood. */
  readonly addressSignatureError?: string;
};

export type ReportSignaturesOutcome =
  | { readonly ok: true; readonly signatures: ReportSignatures }
  | { readonly ok: false; readonly error: string };

/** Reads the text fields of a crash report (its core is passed over) and computes its signatures. */
export async function reportSignatures(file: string): Promise<ReportSignaturesOutcome> {
  const result = await readReport(file, { binaries: "skip", spoolFolder: tmpdir() });
  if (!result.ok) return { ok: false, error: inWords(result.fault) };
  return { ok: true, signatures: signaturesOf(withTop(result.report.fields)) };
}

// Reports from before the trace was symbolized, and those of other tools, come with a Stacktrace alone.
function withTop(fields: ReportFields): ReportFields {
  const stacktrace = fields.get("Stacktrace");
  if (stacktrace === undefined || fields.has("StacktraceTop")) return fields;
  return new Map([...fields, ["StacktraceTop", stacktraceTop(stacktrace)]]);
}

function signaturesOf(fields: ReportFields): ReportSignatures {
  const address = addressSignatureOf(fields);
  const top = fields.get("StacktraceTop") ?? null;
  const signatures = {
    signature: signatureOf(fields, resolveLink),
    addressSignature: address.kind === "signature" ? address.signature : null,
    stacktraceTop: top,
    useful: top !== null && isUseful(top),
  };
  if (address.kind !== "bad-maps") return signatures;
  const addressSignatureError = `ProcMaps line ${address.line} is not of the kernel's form: ${address.text}`;
  return { ...signatures, addressSignatureError };
}

function inWords(fault: ReportFault): string {
  if (fault.kind === "unreadable") return fault.message;
  const place = fault.field === null ? `line ${fault.line}` : `line ${fault.line}, field ${fault.field}`;
  return `${place}: ${fault.message}`;
}
