import type { CrashId, Edit } from "../types.ts";
import { isCore, nameOf } from "./attachments.ts";
import { type AttributeEdit, attributesFor, isAttributeEdit } from "./bug-attributes.ts";
import { changeBug, type Launchpad, recallAttachments } from "./bugs.ts";
import type { BugEntry } from "./entries.ts";
import { absent, already, done, dropped, type Outcome, outcomeOf } from "./outcome.ts";

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
  if (publishes(edit)) {
    const isPrivate = await showsMemory(launchpad, id);
    if (isPrivate === null) return absent;
    if (isPrivate) return dropped("what was in the program's memory is still attached to the bug");
  }
  const together = [edit, ...(await joinable(launchpad, id, next))];
  let changesSomething = false;
  const changed = await changeBug(launchpad, id, (bug) => {
    changesSomething ||= attributesFor(edit, bug) !== null;
    return attributesForAll(together, bug);
  });
  if (changed.kind === "refused" && together.length > 1) return await changeAttributes(launchpad, id, edit);
  const isMade = changed.kind === "changed" || changed.kind === "unchanged";
  return isMade ? (changesSomething ? done : already) : outcomeOf(changed);
}

/** Those of the edits at the beginning of `next` that can be made in one request. */
export async function joinable(
  launchpad: Launchpad,
  id: CrashId,
  next: readonly Edit[],
): Promise<readonly AttributeEdit[]> {
  const end = next.findIndex((each) => !isAttributeEdit(each));
  const together = next.slice(0, end === -1 ? next.length : end).filter(isAttributeEdit);
  const mayPublish = !together.some(publishes) || (await showsMemory(launchpad, id)) === false;
  return mayPublish ? together : together.filter((each) => !publishes(each));
}

function publishes(edit: AttributeEdit): boolean {
  return edit.kind === "set-private" && !edit.private;
}

// Launchpad may have refused to remove it: that is for its owner and for bug supervisors. What was in a machine's memory
// is nobody else's business then either. Null: the bug is gone.
async function showsMemory(launchpad: Launchpad, id: CrashId): Promise<boolean | null> {
  const attachments = await recallAttachments(launchpad, id);
  return attachments?.some((each) => isCore(each) || tracesWithValues.includes(nameOf(each))) ?? null;
}

/** With the values of variables. */
const tracesWithValues: readonly string[] = ["Stacktrace.txt", "ThreadStacktrace.txt"];

/** What all of the edits change together on a bug as it is; null when nothing. */
export function attributesForAll(edits: readonly AttributeEdit[], bug: BugEntry): Partial<BugEntry> | null {
  let changes: Partial<BugEntry> = {};
  for (const edit of edits) changes = { ...changes, ...attributesFor(edit, { ...bug, ...changes }) };
  return Object.keys(changes).length === 0 ? null : changes;
}
