import type { CrashId, Tracker } from "../tracker/types.ts";
import type { State } from "./state.ts";

/** Crashes for the next batch. */
export type Due = { readonly retrace: number; readonly duplicateCheck: number };

/** Asks the tracker what is pending, and leaves out what a batch would: what waits for something, or is stuck. */
export async function countDue(tracker: Tracker, state: State, architecture: string): Promise<Due> {
  const toRetrace = await tracker.pending(architecture);
  const waiting = await notNow(state);
  return {
    retrace: toRetrace.filter((crash) => !waiting.has(crash)).length,
    duplicateCheck: (await tracker.dupcheckOnly()).length,
  };
}

// A dead letter that has its mark again is for the next batch.
async function notNow(state: State): Promise<ReadonlySet<CrashId>> {
  const aside = await state.allAside();
  const waiting = aside.filter((each) => each.aside.kind === "retry" || each.aside.kind === "parked");
  return new Set([...waiting.map(({ crash }) => crash), ...(await state.stuckCrashes())]);
}
