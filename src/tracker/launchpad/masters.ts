import type { CrashId } from "../types.ts";
import { type Launchpad, readBug } from "./bugs.ts";
import type { EarlierMaster } from "./earlier-masters.ts";
import { type BugEntry, bugNumber } from "./entries.ts";
import { anyBugsChangedSince, plainBugsChangedSince } from "./work-list.ts";

/** A bug as far as it matters to those that are duplicates of it. */
export type Master = {
  readonly id: CrashId;
  readonly tags: readonly string[];
  /** Null when it is no duplicate itself. */
  readonly duplicateOf: CrashId | null;
  /** How many duplicates it has. */
  readonly duplicates: number;
};

/** The bug that a bug is a duplicate of, null when it is none. */
export function masterOf({ duplicate_of_link: link }: BugEntry): CrashId | null {
  return link === null ? null : bugNumber(link);
}

/** A bug as it is now; null when it is gone, or private and not for us. */
export async function readMaster(launchpad: Launchpad, id: CrashId): Promise<Master | null> {
  const bug = await readBug(launchpad, id);
  return bug === null ? null : masterIn(bug);
}

/** A bug as it is, or was a short while ago; of an earlier batch, if it has not changed since. */
export async function recallMaster(launchpad: Launchpad, id: CrashId): Promise<Master | null> {
  return (await rememberedMaster(launchpad, id)) ?? (await readMaster(launchpad, id));
}

/** The same without reading the bug itself; undefined when it is not known. */
export async function rememberedMaster(launchpad: Launchpad, id: CrashId): Promise<Master | undefined> {
  const seen = launchpad.memory.recall(id, "bug");
  if (seen !== undefined) return masterIn(seen);
  const earlier = await earlierMaster(launchpad, id);
  return earlier?.bug ? { id, ...earlier.bug, duplicateOf: null } : undefined;
}

/** What batches have seen of a bug, and is still so; undefined when that is nothing. */
export async function earlierMaster(launchpad: Launchpad, id: CrashId): Promise<EarlierMaster | undefined> {
  return await launchpad.earlier.recall(id, {
    changedSince: (since) => anyBugsChangedSince(launchpad, since),
    plainSince: (since) => plainBugsChangedSince(launchpad, since),
  });
}

export function masterIn(bug: BugEntry): Master {
  return { id: bug.id, tags: bug.tags, duplicateOf: masterOf(bug), duplicates: bug.number_of_duplicates };
}
