import type { CrashId } from "../tracker/types.ts";

/**
 * What one batch found out about one crash.
 * - `new`, `duplicate`, `regression`: compared with the known crashes
 * - `unsigned`: traced, but the trace gives nothing to compare by
 * - `invalid`: the report cannot be processed, now or ever; the reason is told on the tracker
 * - `failed`: the debugger could not cope with this core; the reason is told on the tracker
 * - `postponed`: worth another try; the crash stays on the work list
 * - `not-ours`: no configuration for its release; left alone, for another retracer perhaps
 * - `no-release`: the report does not say which release it is from, so that nobody can take it; off the work list
 * - `gone`: the tracker no longer has it
 */
export type Verdict =
  | { readonly kind: "new" | "unsigned" | "gone" }
  | { readonly kind: "duplicate"; readonly master: CrashId }
  | { readonly kind: "regression"; readonly of: CrashId }
  | { readonly kind: "invalid" | "failed" | "postponed" | "not-ours" | "no-release"; readonly reason: string };

/** The crash that a verdict points to, if any. */
export function masterOf(verdict: Verdict): CrashId | null {
  if (verdict.kind === "duplicate") return verdict.master;
  return verdict.kind === "regression" ? verdict.of : null;
}

/** Why a verdict is as it is, where it carries a reason. */
export function reasonOf(verdict: Verdict): string | null {
  return "reason" in verdict ? verdict.reason : null;
}
