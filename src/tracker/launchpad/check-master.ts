import type { CrashId } from "../types.ts";
import { type Launchpad, recallBug } from "./bugs.ts";
import { readMaster, rememberedMaster } from "./masters.ts";
import { absent, done, dropped, type Outcome } from "./outcome.ts";

/** Whether a bug can be made a duplicate of another, or of that one's master, as far as was seen lately. */
export async function checkMaster(launchpad: Launchpad, id: CrashId, of: CrashId): Promise<Outcome> {
  if (of === id) return dropped("a bug is no duplicate of itself");
  const bug = await recallBug(launchpad, id);
  if (bug === null) return absent;
  // That a bug has no duplicates tells as much as a look at the one that might be its duplicate.
  const remembered = bug.number_of_duplicates === 0 ? await rememberedMaster(launchpad, of) : undefined;
  const master = remembered ?? (await readMaster(launchpad, of));
  if (master === null) return dropped(`there is no bug ${of} to be a duplicate of`);
  return master.duplicateOf === id ? dropped(`bug ${of} is itself a duplicate of bug ${id}`) : done;
}
