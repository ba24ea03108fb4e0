import type { CrashId } from "../types.ts";
import { bugUrl, changeBug, type Launchpad, readBug } from "./bugs.ts";
import { type BugEntry, bugNumber } from "./entries.ts";
import { dropped, type Outcome, outcomeOf } from "./outcome.ts";

/**
 * Makes a bug a duplicate of another. Launchpad keeps the chains one level deep itself: it refuses a master that is a
 * duplicate (then its own master is meant), and takes a bug's duplicates along to the new master.
 */
export async function markDuplicate(launchpad: Launchpad, id: CrashId, of: CrashId): Promise<Outcome> {
  if (of === id) return dropped("a bug is no duplicate of itself");
  const first = await setMaster(launchpad, id, of);
  if (first.kind !== "refused") return first.outcome;
  const named = await readBug(launchpad, of);
  if (named === null) return dropped(`there is no bug ${of} to be a duplicate of`);
  const master = masterOf(named);
  if (master === null) return first.outcome;
  if (master === id) return dropped(`bug ${of} is itself a duplicate of bug ${id}`);
  return (await setMaster(launchpad, id, master)).outcome;
}

/** The bug that a bug is a duplicate of, null when it is none. */
export function masterOf({ duplicate_of_link: link }: BugEntry): CrashId | null {
  return link === null ? null : bugNumber(link);
}

type Attempt = { readonly kind: "refused" | "answered"; readonly outcome: Outcome };

async function setMaster(launchpad: Launchpad, id: CrashId, master: CrashId): Promise<Attempt> {
  const { memory } = launchpad;
  const changed = await changeBug(launchpad, id, (bug) =>
    masterOf(bug) === master ? null : { duplicate_of_link: bugUrl(launchpad, master) },
  );
  const seen = memory.recall(master, "bug");
  if (seen !== undefined && changed.kind === "changed")
    memory.note(master, { bug: { ...seen, number_of_duplicates: seen.number_of_duplicates + 1 } });
  // An answer was lost, or this was done before: whether what was seen of the master counts it, nobody knows.
  if (changed.kind === "unchanged") memory.forgetPart(master, "bug");
  return { kind: changed.kind === "refused" ? "refused" : "answered", outcome: outcomeOf(changed) };
}
