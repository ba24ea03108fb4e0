import type { Merge } from "../duplicates/types.ts";
import type { Traced } from "../retrace/types.ts";
import { failedTag, tagOfMark } from "../tracker/marks.ts";
import type { CrashHeader, CrashId, Edit, PendingMark } from "../tracker/types.ts";
import { commentFrom } from "./comment-texts.ts";
import { closeAsDuplicate } from "./plan-duplicate.ts";
import type { PlanPolicy } from "./plan-policy.ts";
import { editsAfterTrace, traceEdits } from "./plan-trace.ts";
import type { Verdict } from "./verdict.ts";

/** What a plan is made of: the crash, what was found, and the trace if there is one. */
export type PlanInput = {
  readonly header: CrashHeader;
  readonly mark: PendingMark;
  readonly verdict: Verdict;
  readonly traced: Traced | null;
  /** An earlier batch has brought its trace to it; what comes with that may be missing. */
  readonly isTracedBefore: boolean;
  readonly title: string | null;
  /** Whether the crash is worked on again by itself (later, or when symbols appear): then its mark stays. */
  readonly staysPending: boolean;
};

/** Edits of one plan go to several crashes when a merge closes an older one. */
export type PlannedEdit = { readonly crash: CrashId; readonly edit: Edit };

/**
 * The edits that carry a verdict to the tracker, in order, and last of all the removal of the pending mark, so that
 * an interrupted plan is seen and finished. A crash that stays pending keeps the mark: should state.db be lost, the
 * tracker still knows.
 */
export function planFor(input: PlanInput, policy: PlanPolicy): readonly PlannedEdit[] {
  const edits = editsFor(input, policy);
  if (edits === null) return [];
  const last: readonly Edit[] = input.staysPending ? [] : [{ kind: "remove-pending", mark: input.mark }];
  const order = [...edits.filter((edit) => !isAttribute(edit)), ...edits.filter(isAttribute), ...last];
  return order.map((edit) => ({ crash: input.header.id, edit }));
}

// A tracker may be able to change these together with the mark: they come at the end, side by side. That it is a
// duplicate is the first of them, so that nothing is made public that is none.
function isAttribute({ kind }: Edit): boolean {
  return (
    kind === "mark-duplicate" ||
    kind === "set-title" ||
    kind === "set-private" ||
    kind === "add-tags" ||
    kind === "remove-tags"
  );
}

/** The edits that close the losing crash of a merge as a duplicate of the older one. */
export function planForMerge({ loser, master }: Merge, policy: PlanPolicy): readonly PlannedEdit[] {
  return closeAsDuplicate(loser, master, null, policy).map((edit) => ({ crash: loser, edit }));
}

// Null: nothing is to be changed, the crash stays as it is.
function editsFor(input: PlanInput, policy: PlanPolicy): readonly Edit[] | null {
  const { verdict, header, traced, isTracedBefore, title } = input;
  const { id } = header;
  const before = isTracedBefore ? editsAfterTrace(header, title) : [];
  const trace = traced === null ? before : traceEdits(header, traced, title);
  switch (verdict.kind) {
    case "new":
    case "unsigned":
      return [...trace, ...checkedEdits(input, policy)];
    case "duplicate":
      return [...closeAsDuplicate(id, verdict.master, traced, policy), ...checkedEdits(input, policy)];
    case "regression":
      return [...trace, ...regressionEdits(id, verdict.of, policy), ...checkedEdits(input, policy)];
    case "invalid":
      return invalidEdits(id, verdict.reason, policy);
    case "failed":
      return failedEdits(id, verdict.reason, policy);
    case "no-release":
      return [];
    case "postponed":
    case "not-ours":
    case "gone":
      return null;
  }
}

/** What every crash gets that was compared with the known ones. */
function checkedEdits({ header, mark }: PlanInput, { triage }: PlanPolicy): readonly Edit[] {
  const { fields } = header;
  const edits: Edit[] = [];
  if (fields.has("Traceback")) edits.push({ kind: "set-importance", importance: "Medium", ifUndecided: true });
  const sourcePackage = (fields.get("SourcePackage") ?? "").trim();
  if (isSourcePackage(sourcePackage)) edits.push({ kind: "set-package", sourcePackage });
  if (mark.kind === "retrace") edits.push({ kind: "remove-tags", tags: [tagOfMark({ kind: "duplicate-check" })] });
  const release = fields.get("DistroRelease") ?? "";
  if (triage !== null && release.startsWith(triage.releasePrefix)) edits.push({ kind: "subscribe", team: triage.team });
  return edits;
}

// Debian Policy 5.6.1; and bounded, because a report says what it likes.
function isSourcePackage(name: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]{1,99}$/.test(name);
}

function regressionEdits(id: CrashId, master: CrashId, { texts }: PlanPolicy): readonly Edit[] {
  return [
    commentFrom(texts.regression, `regression:${id}:${master}`, { id, master }),
    { kind: "add-tags", tags: ["regression-retracer"] },
  ];
}

function invalidEdits(id: CrashId, reason: string, { texts }: PlanPolicy): readonly Edit[] {
  return [
    commentFrom(texts.invalid, `invalid:${id}`, { id, reason }),
    { kind: "set-status", status: { kind: "invalid" } },
    { kind: "remove-core" },
  ];
}

function failedEdits(id: CrashId, reason: string, { texts }: PlanPolicy): readonly Edit[] {
  return [commentFrom(texts.failed, `failed:${id}`, { id, reason }), { kind: "add-tags", tags: [failedTag] }];
}
