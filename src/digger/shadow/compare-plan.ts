import type { CrashHeader, CrashId, Edit, Tracker } from "../../tracker/types.ts";
import { type Compared, compareEdit } from "./compare-edit.ts";
import type { StoredPlan } from "./stored-plans.ts";

/** A plan beside the tracker as it is now; `isThere` false: the tracker has no such crash any more. */
export type ComparedPlan = {
  readonly crash: CrashId;
  readonly plannedAt: string;
  readonly isThere: boolean;
  readonly edits: readonly (Compared & { readonly edit: Edit })[];
};

/** Compares a stored plan with the tracker, edit by edit. */
export async function comparePlan(plan: StoredPlan, tracker: Pick<Tracker, "header">): Promise<ComparedPlan> {
  const { crash, plannedAt } = plan;
  const header = await headerOf(crash, tracker);
  if (header === null) return { crash, plannedAt, isThere: false, edits: [] };
  const effective = plan.edits.filter((edit, index) => !isUndone(edit, plan.edits.slice(index + 1)));
  const marked = plan.edits.findLast((edit) => edit.kind === "mark-duplicate");
  const masterId = marked === undefined ? null : (header.duplicateOf ?? marked.of);
  const master = masterId === null ? null : await headerOf(masterId, tracker);
  return {
    crash,
    plannedAt,
    isThere: true,
    edits: effective.map((edit) => ({ edit, ...compareEdit(edit, header, master) })),
  };
}

/** Whether everything that can be seen is as planned. */
export function isAsPlanned({ isThere, edits }: ComparedPlan): boolean {
  return isThere && edits.every(({ state }) => state === "done" || state === "unseen");
}

// A crash that is new in a batch, and that a merge closes later in the same one, gets its trace and loses it again.
function isUndone(edit: Edit, later: readonly Edit[]): boolean {
  if (edit.kind !== "attach") return false;
  return later.some((each) => each.kind === "remove-attachments" && each.names.includes(edit.name));
}

async function headerOf(id: CrashId, tracker: Pick<Tracker, "header">): Promise<CrashHeader | null> {
  const answer = await tracker.header(id);
  return answer.kind === "absent" ? null : answer.header;
}
