import { markOfTag } from "../tracker/marks.ts";
import type { CrashId, Edit } from "../tracker/types.ts";
import { type CommentTexts, commentFrom } from "./comment-texts.ts";
import type { PlannedEdit } from "./plan.ts";
import { failedTag } from "./plan-trace.ts";

const maxNamed = 20;

/** Tells the tracker that a crash has waited long enough for the debug symbols of these files. */
export function planForLettingGo(
  crash: CrashId,
  markTag: string,
  paths: readonly string[],
  texts: CommentTexts,
): readonly PlannedEdit[] {
  const more = paths.length > maxNamed ? [`… and ${paths.length - maxNamed} more`] : [];
  const files = [...paths.slice(0, maxNamed), ...more];
  return giveUp(crash, commentFrom(texts.symbols_missing, `let-go:${crash}`, { id: crash, files }), [markTag]);
}

/** Tells the tracker that a person has given a crash up; `tags` are its pending marks. */
export function planForBurial(
  crash: CrashId,
  tags: readonly string[],
  reason: string,
  texts: CommentTexts,
): readonly PlannedEdit[] {
  return giveUp(crash, commentFrom(texts.buried, `buried:${crash}`, { id: crash, reason }), tags);
}

function giveUp(crash: CrashId, comment: Edit, markTags: readonly string[]): readonly PlannedEdit[] {
  const marks = markTags.map(markOfTag).filter((mark) => mark !== null);
  const edits: readonly Edit[] = [
    comment,
    { kind: "add-tags", tags: [failedTag] },
    ...marks.map((mark): Edit => ({ kind: "remove-pending", mark })),
  ];
  return edits.map((edit) => ({ crash, edit }));
}
