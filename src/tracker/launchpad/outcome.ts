import type { EditOutcome } from "../types.ts";
import type { Changed, Posted } from "./client/types.ts";

/** What became of an edit, or that the bug is gone. */
export type Outcome = EditOutcome | { readonly kind: "absent" };

export const done: Outcome = { kind: "done" };
export const already: Outcome = { kind: "already" };
export const absent: Outcome = { kind: "absent" };

export function dropped(note: string): Outcome {
  return { kind: "dropped", note };
}

/** Launchpad's own words say best why it would not have an edit. */
export function outcomeOf(answer: Changed<unknown> | Posted): Outcome {
  switch (answer.kind) {
    case "done":
    case "changed":
    case "moved":
      return done;
    case "already":
    case "unchanged":
      return already;
    case "absent":
      return absent;
    case "refused":
      return dropped(`Launchpad refused it (${answer.status}): ${answer.reason}`);
  }
}
