import type { Edit } from "./types.ts";

/**
 * Whether nothing that is planned behind an edit may be carried out when it is dropped: what follows would strip or
 * publish a crash that stays open.
 */
export function isGate({ kind }: Pick<Edit, "kind">): boolean {
  return kind === "check-master" || kind === "mark-duplicate";
}
