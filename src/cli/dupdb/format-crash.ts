import type { CrashDetails, StoredCrash } from "../../duplicates/types.ts";
import { printable } from "../printable.ts";

/** `open`, `fixed` (in an unknown version) or `fixed:VERSION`. */
export function stateOf(fixedVersion: string | null): string {
  if (fixedVersion === null) return "open";
  return fixedVersion === "" ? "fixed" : `fixed:${fixedVersion}`;
}

/** One crash on one line: id, state, time of the last change, signature, with tabs between them. */
export function crashLine(crash: StoredCrash): string {
  const changed = printable(crash.lastChange ?? "-");
  return `${crash.id}\t${printable(stateOf(crash.fixedVersion))}\t${changed}\t${printable(crash.signature)}\n`;
}

/** One crash with everything that is stored about it, several lines. */
export function crashDetails(crash: CrashDetails): string {
  const lines = [
    `Crash              ${crash.id}`,
    `State              ${printable(stateOf(crash.fixedVersion))}`,
    `Last change        ${printable(crash.lastChange ?? "-")}`,
    `Signature          ${printable(crash.signature)}`,
    ...crash.furtherSignatures.map((signature) => `Further signature  ${printable(signature)}`),
    ...crash.addressSignatures.map((signature) => `Address signature  ${printable(signature)}`),
    ...(crash.mergedFrom.length === 0 ? [] : [`Merged from        ${crash.mergedFrom.join(", ")}`]),
  ];
  return `${lines.join("\n")}\n`;
}
