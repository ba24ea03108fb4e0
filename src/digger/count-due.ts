import type { CrashId, Tracker } from "../tracker/types.ts";
import type { AsideCrash } from "./state/set-aside.ts";
import { rests, waits } from "./work-list.ts";

/** Crashes for the next batch. */
export type Due = { readonly retrace: number; readonly duplicateCheck: number };

/**
 * Asks the tracker what is pending, and leaves out what a batch would: what waits for its time or for symbols, and what is
 * stuck. A dead letter that has its mark again is for the next batch.
 */
export async function countDue(
  tracker: Tracker,
  aside: readonly AsideCrash[],
  stuck: ReadonlySet<CrashId>,
  architecture: string,
  now: Date,
): Promise<Due> {
  const resting = aside.filter((each) => waits(each) && rests(each, now)).map(({ crash }) => crash);
  const left = new Set([...resting, ...stuck]);
  const toRetrace = await tracker.pending(architecture);
  const retraced = new Set(toRetrace);
  const toCheck = (await tracker.dupcheckOnly()).filter((crash) => !retraced.has(crash));
  return {
    retrace: toRetrace.filter((crash) => !left.has(crash)).length,
    duplicateCheck: toCheck.filter((crash) => !left.has(crash)).length,
  };
}
