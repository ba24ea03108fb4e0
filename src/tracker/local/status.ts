import { ServiceFailure } from "../../system/failure.ts";
import type { CrashStatus } from "../types.ts";

/** The status that a row of the crash table tells. */
export function statusOfRow(row: { readonly status: string; readonly fixed_version: string }): CrashStatus {
  switch (row.status) {
    case "open":
    case "invalid":
      return { kind: row.status };
    case "fixed":
      return { kind: "fixed", version: row.fixed_version };
    default:
      throw new ServiceFailure(`the tracker's database holds the unknown status ${JSON.stringify(row.status)}`);
  }
}
