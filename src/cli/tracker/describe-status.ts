import type { CrashStatus } from "../../tracker/types.ts";

/** A status in words. */
export function describeStatus(status: CrashStatus): string {
  if (status.kind !== "fixed") return status.kind;
  return status.version === "" ? "fixed" : `fixed in ${status.version}`;
}
