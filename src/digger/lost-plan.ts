import type { CrashHeader, CrashId } from "../tracker/types.ts";
import { duplicateSaid } from "./comment-texts.ts";
import type { DiggerServices } from "./services.ts";

/**
 * What an earlier batch had found out about a crash of which nobody knows the plan any more: `duplicate` of a master,
 * as it said there, or `traced`, and the trace is attached.
 */
export type FoundBefore = { readonly kind: "duplicate"; readonly master: CrashId } | { readonly kind: "traced" };

/**
 * Looks what was found out about a crash without a core, if its plan may be among those that went with an older
 * `state.db`: a report that never had a core has nothing of ours. Null when there is nothing.
 */
export async function foundBefore(
  { id }: CrashHeader,
  { tracker, restored }: Pick<DiggerServices, "tracker" | "restored">,
): Promise<FoundBefore | null> {
  const note = restored?.state?.note;
  // Until this batch has caught up, everything that is pending may be from before.
  if (note === undefined || id > (note.forgotUpTo ?? Number.MAX_SAFE_INTEGER)) return null;
  const { markers, isTraced } = await tracker.leftBehind(id);
  const master = duplicateSaid(id, markers);
  if (master !== null) return { kind: "duplicate", master };
  return isTraced ? { kind: "traced" } : null;
}
