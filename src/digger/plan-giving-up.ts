import { failedTag, markOfTag } from "../tracker/marks.ts";
import type { CrashId, Edit, PendingMark } from "../tracker/types.ts";
import { type CommentTexts, commentFrom } from "./comment-texts.ts";
import type { PlannedEdit } from "./plan.ts";

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
  return giveUp(crash, commentFrom(texts.symbols_missing, `let-go:${crash}`, { id: crash, files }), marksOf([markTag]));
}

/** Tells the tracker that a person has given a crash up; `tags` are its pending marks. */
export function planForBurial(
  crash: CrashId,
  tags: readonly string[],
  reason: string,
  texts: CommentTexts,
): readonly PlannedEdit[] {
  return giveUp(crash, commentFrom(texts.buried, `buried:${crash}`, { id: crash, reason }), marksOf(tags));
}

/** Tells the tracker that a crash stays open that was stripped like a duplicate; `reason`: why it is none. */
export function planForNotClosed(
  crash: CrashId,
  marks: readonly PendingMark[],
  reason: string,
  texts: CommentTexts,
): readonly PlannedEdit[] {
  return giveUp(crash, commentFrom(texts.not_closed, `not-closed:${crash}`, { id: crash, reason }), marks);
}

function marksOf(tags: readonly string[]): readonly PendingMark[] {
  return tags.map(markOfTag).filter((mark) => mark !== null);
}

function giveUp(crash: CrashId, comment: Edit, marks: readonly PendingMark[]): readonly PlannedEdit[] {
  const edits: readonly Edit[] = [
    comment,
    { kind: "add-tags", tags: [failedTag] },
    ...marks.map((mark): Edit => ({ kind: "remove-pending", mark })),
  ];
  return edits.map((edit) => ({ crash, edit }));
}
