import type { CrashId, EditMemory } from "../types.ts";
import type { AttributeEdit } from "./bug-attributes.ts";
import { bugUrl, changeBug, type Launchpad, readBug } from "./bugs.ts";
import { attributesForAll, joinable } from "./change-attributes.ts";
import { masterOf } from "./masters.ts";
import { already, dropped, type Outcome, outcomeOf } from "./outcome.ts";

/**
 * Makes a bug a duplicate of another, and in the same request changes the attributes that come right after it: all or
 * nothing. Launchpad keeps the chains one level deep itself: it refuses a master that is a duplicate (then its own master
 * is meant), and takes a bug's duplicates along to the new master.
 */
export async function markDuplicate(
  launchpad: Launchpad,
  id: CrashId,
  of: CrashId,
  { next = [] }: EditMemory,
): Promise<Outcome> {
  if (of === id) return dropped("a bug is no duplicate of itself");
  const together = await joinable(launchpad, id, next);
  const first = await setMaster(launchpad, id, of, together);
  if (first.kind !== "refused") return first.outcome;
  const named = await readBug(launchpad, of);
  if (named === null) return dropped(`there is no bug ${of} to be a duplicate of`);
  const master = masterOf(named);
  // It was something else that Launchpad did not like, perhaps in what was to change with it.
  if (master === null && together.length === 0) return first.outcome;
  if (master === null) return (await setMaster(launchpad, id, of, [])).outcome;
  if (master === id) return dropped(`bug ${of} is itself a duplicate of bug ${id}`);
  return (await setMaster(launchpad, id, master, [])).outcome;
}

type Attempt = { readonly kind: "refused" | "answered"; readonly outcome: Outcome };

async function setMaster(
  launchpad: Launchpad,
  id: CrashId,
  master: CrashId,
  together: readonly AttributeEdit[],
): Promise<Attempt> {
  const { memory, earlier } = launchpad;
  let marks = false;
  const changed = await changeBug(launchpad, id, (bug) => {
    marks = masterOf(bug) !== master;
    const mark = marks ? { duplicate_of_link: bugUrl(launchpad, master) } : null;
    const attributes = { ...mark, ...attributesForAll(together, bug) };
    return Object.keys(attributes).length === 0 ? null : attributes;
  });
  const seen = memory.recall(master, "bug");
  const isMarked = changed.kind === "changed" && marks;
  if (isMarked) earlier.countDuplicate(master);
  if (seen !== undefined && isMarked)
    memory.note(master, { bug: { ...seen, number_of_duplicates: seen.number_of_duplicates + 1 } });
  // An answer was lost, or this was done before: whether what was seen of the master counts it, nobody knows.
  if (!isMarked && changed.kind !== "refused") {
    memory.forgetPart(master, "bug");
    earlier.forget(master);
  }
  const outcome = changed.kind === "changed" && !marks ? already : outcomeOf(changed);
  return { kind: changed.kind === "refused" ? "refused" : "answered", outcome };
}
