import type { Clock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import { tagOfMark } from "../tracker/marks.ts";
import type { CrashId, Edit, PendingMark } from "../tracker/types.ts";
import { readableEdit } from "./edit-schema.ts";
import { planForNotClosed } from "./plan-giving-up.ts";
import type { PlanPolicy } from "./plan-policy.ts";
import type { SetAside } from "./state/set-aside.ts";
import type { State } from "./state.ts";

const mostEdits = 100;

type Services = {
  readonly state: State;
  readonly planPolicy: Pick<PlanPolicy, "texts">;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * What becomes of a crash that cannot be closed as a duplicate any more: between the verdict and now a person has made its
 * master a duplicate of this very crash, or has removed it. The rest of its plan is given up, because it would publish a
 * crash that stays open.
 *
 * As long as nothing was taken from the crash it keeps its pending mark, and the next batch decides anew. If that happened
 * within the seconds after the look at the master, its core is gone: then it is told so, and tagged as one that wants the
 * trace of its next duplicate, and a person finds it among the dead letters.
 */
export async function giveUpClosing(crash: CrashId, reason: string, services: Services): Promise<void> {
  const { state, clock, log, planPolicy } = services;
  const left = (await state.openEntries(mostEdits, crash)).map(({ editText }) => readableEdit(editText));
  const note = `not closed as a duplicate: ${reason}`;
  if (left.some((edit) => edit?.kind === "remove-core")) {
    log.event("crash not closed as a duplicate after all; the next batch decides anew", { crash, reason });
    await state.abandonEdits(crash, note, clock.now());
    return;
  }
  log.event("crash not closed as a duplicate after all, and its core is gone", { crash, reason });
  const marks = left.flatMap(markIn);
  const plan = planForNotClosed(crash, marks, reason, planPolicy.texts);
  await state.replaceEdits(crash, note, deadLetter(marks, note), plan, clock.now());
}

function markIn(edit: Edit | null): readonly PendingMark[] {
  return edit?.kind === "remove-pending" ? [edit.mark] : [];
}

// The loser of a merge was worked on long ago, and has no mark.
function deadLetter([mark]: readonly PendingMark[], reason: string): SetAside | null {
  return mark === undefined ? null : { kind: "dead", markTag: tagOfMark(mark), reason };
}
