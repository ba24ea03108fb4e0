import type { CrashId } from "../types.ts";
import { type AttributeEdit, attributesFor } from "./bug-attributes.ts";
import { changeBug, type Launchpad } from "./bugs.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** Carries out an edit of the bug's own attributes. */
export async function changeAttributes(launchpad: Launchpad, id: CrashId, edit: AttributeEdit): Promise<Outcome> {
  return outcomeOf(await changeBug(launchpad, id, (bug) => attributesFor(edit, bug)));
}
