import type { ReportFault } from "./types.ts";

/**
 * A fault on its way to the edge of this folder, where it becomes a value. Field and line are
 * filled in there when the place that noticed the fault does not know them.
 */
export class Malformed extends Error {
  override readonly name = "Malformed";
  readonly kind: ReportFault["kind"];
  readonly field: string | null;
  readonly line: number | null;

  constructor(kind: ReportFault["kind"], message: string, place: { field?: string; line?: number } = {}) {
    super(message);
    this.kind = kind;
    this.field = place.field ?? null;
    this.line = place.line ?? null;
  }
}

/** The fault as a value. */
export function faultOf(malformed: Malformed, place: { field: string | null; line: number }): ReportFault {
  return {
    kind: malformed.kind,
    field: malformed.field ?? place.field,
    line: Math.max(1, malformed.line ?? place.line),
    message: malformed.message,
  };
}
