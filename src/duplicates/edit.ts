import type { DuplicatesTransaction } from "./rows.ts";
import { moveRows, readCrash } from "./rows.ts";
import type { CrashId, MergeOutcome } from "./types.ts";

/** Makes one crash of two; the lower id wins, as in a check. Both have to be stored. */
export async function mergeCrashes(
  transaction: DuplicatesTransaction,
  one: CrashId,
  other: CrashId,
): Promise<MergeOutcome> {
  const [master, loser] = [Math.min(one, other), Math.max(one, other)];
  if ((await readCrash(transaction, master)) === undefined) return { kind: "unknown", id: master };
  return await changeMaster(transaction, loser, master);
}

/** Gives everything of a stored crash to another id, stored or not, whichever is lower. */
export async function changeMaster(
  transaction: DuplicatesTransaction,
  from: CrashId,
  to: CrashId,
): Promise<MergeOutcome> {
  if ((await readCrash(transaction, from)) === undefined) return { kind: "unknown", id: from };
  if (from === to) return { kind: "same" };
  await moveRows(transaction, from, to);
  return { kind: "merged", merge: { loser: from, master: to } };
}
