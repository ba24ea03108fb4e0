import type { CrashId, Edit } from "../types.ts";
import { type AttributeEdit, attributesFor, isAttributeEdit } from "./bug-attributes.ts";
import { changeBug, type Launchpad } from "./bugs.ts";
import type { BugEntry } from "./entries.ts";
import { already, done, type Outcome, outcomeOf } from "./outcome.ts";

/**
 * Carries out an edit of the bug's own attributes, and in the same request those of the same sort that come right
 * after it: Launchpad changes all or nothing. If it refuses them together, this one is tried alone.
 */
export async function changeAttributes(
  launchpad: Launchpad,
  id: CrashId,
  edit: AttributeEdit,
  next: readonly Edit[] = [],
): Promise<Outcome> {
  const end = next.findIndex((each) => !isAttributeEdit(each));
  const together = [edit, ...next.slice(0, end === -1 ? next.length : end).filter(isAttributeEdit)];
  let changesSomething = false;
  const changed = await changeBug(launchpad, id, (bug) => {
    changesSomething ||= attributesFor(edit, bug) !== null;
    return attributesForAll(together, bug);
  });
  if (changed.kind === "refused" && together.length > 1) return await changeAttributes(launchpad, id, edit);
  const isMade = changed.kind === "changed" || changed.kind === "unchanged";
  return isMade ? (changesSomething ? done : already) : outcomeOf(changed);
}

function attributesForAll(edits: readonly AttributeEdit[], bug: BugEntry): Partial<BugEntry> | null {
  let changes: Partial<BugEntry> = {};
  for (const edit of edits) changes = { ...changes, ...attributesFor(edit, { ...bug, ...changes }) };
  return Object.keys(changes).length === 0 ? null : changes;
}
