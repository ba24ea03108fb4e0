import type { CrashId, EditMemory, MasterEdit } from "../types.ts";
import { attach } from "./attach.ts";
import { goesToBugs } from "./attachments.ts";
import { type Launchpad, recallBug } from "./bugs.ts";
import { changeAttributes } from "./change-attributes.ts";
import type { BugEntry } from "./entries.ts";
import { type Master, masterOf, readMaster, recallMaster } from "./masters.ts";
import { absent, already, dropped, type Outcome } from "./outcome.ts";
import { maintainedSeries } from "./series.ts";
import { subscribe } from "./subscribe.ts";

/** Carries out what a duplicate means for its master, as the master is now. */
export async function tellMaster(
  launchpad: Launchpad,
  id: CrashId,
  edit: MasterEdit,
  memory: EditMemory,
): Promise<Outcome> {
  const bug = await recallBug(launchpad, id);
  if (bug === null) return absent;
  const of = masterOf(bug) ?? edit.of;
  if (of === undefined) return dropped(`bug ${id} is no duplicate, so it has no master to tell`);
  const master = await masterBehind(launchpad, of, memory);
  if (master === null) return dropped(`bug ${of}, the master, is gone`);
  if (master.id === id) return dropped(`bug ${of} is itself a duplicate of bug ${id}`);
  switch (edit.kind) {
    case "give-trace":
      return await giveTrace(launchpad, master, edit, memory);
    case "adopt-tags":
      return await adoptTags(launchpad, master, bug, edit.tags);
    case "escalate":
      return await escalate(launchpad, master, edit, { ...memory, isCounted: masterOf(bug) === master.id });
  }
}

/** A bug, or the one that it is a duplicate of. */
async function masterBehind(launchpad: Launchpad, of: CrashId, { maybeDone }: EditMemory): Promise<Master | null> {
  const look = maybeDone ? readMaster : recallMaster;
  const named = await look(launchpad, of);
  const further = named === null ? null : named.duplicateOf;
  return further === null ? named : await look(launchpad, further);
}

async function giveTrace(
  launchpad: Launchpad,
  master: Master,
  { ifTagged, attachments }: Extract<MasterEdit, { kind: "give-trace" }>,
  memory: EditMemory,
): Promise<Outcome> {
  if (!ifTagged.some((tag) => master.tags.includes(tag))) return already;
  for (const attachment of attachments) {
    if (goesToBugs(attachment.name)) await attach(launchpad, master.id, attachment, memory);
  }
  return await changeAttributes(launchpad, master.id, { kind: "remove-tags", tags: ifTagged });
}

async function adoptTags(
  launchpad: Launchpad,
  master: Master,
  bug: BugEntry,
  tags: readonly string[],
): Promise<Outcome> {
  const lacking = bug.tags.filter((tag) => !master.tags.includes(tag));
  if (lacking.length === 0) return already;
  const adopted = new Set([...tags, ...(await maintainedSeries(launchpad))]);
  const wanted = lacking.filter((tag) => adopted.has(tag));
  return wanted.length === 0
    ? already
    : await changeAttributes(launchpad, master.id, { kind: "add-tags", tags: wanted });
}

async function escalate(
  launchpad: Launchpad,
  master: Master,
  { tag, team, from }: Extract<MasterEdit, { kind: "escalate" }>,
  memory: EditMemory & { readonly isCounted: boolean },
): Promise<Outcome> {
  if (master.tags.includes(tag)) return already;
  const duplicates = (await countedDuplicates(launchpad, master, from)) + (memory.isCounted ? 0 : 1);
  if (duplicates < from) return already;
  if (team !== null) await subscribe(launchpad, master.id, team, memory);
  return await changeAttributes(launchpad, master.id, { kind: "add-tags", tags: [tag] });
}

// People add duplicates too, and nothing tells of it but the bug: from half-way on it is asked.
async function countedDuplicates(launchpad: Launchpad, master: Master, from: number): Promise<number> {
  const isLately = launchpad.memory.recall(master.id, "bug") !== undefined;
  if (isLately || 2 * master.duplicates < from) return master.duplicates;
  return (await readMaster(launchpad, master.id))?.duplicates ?? master.duplicates;
}
