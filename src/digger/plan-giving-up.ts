import { markOfTag } from "../tracker/marks.ts";
import type { CrashId, Edit } from "../tracker/types.ts";
import { failedTag, type PlannedEdit } from "./plan.ts";

const maxNamed = 20;

/** Tells the tracker that a crash has waited long enough for the debug symbols of these files. */
export function planForLettingGo(crash: CrashId, markTag: string, paths: readonly string[]): readonly PlannedEdit[] {
  const more = paths.length > maxNamed ? `\n… and ${paths.length - maxNamed} more` : "";
  const body =
    "No package with the debug symbols of these files has appeared in time, so the trace stays as it is. " +
    `The core is kept, so that it can be tried again.\n\n${paths.slice(0, maxNamed).join("\n")}${more}`;
  const comment: Edit = {
    kind: "comment",
    marker: `crash-digger:let-go:${crash}`,
    subject: "Symbols are missing",
    body,
  };
  return giveUp(crash, comment, [markTag]);
}

/** Tells the tracker that a person has given a crash up; `tags` are its pending marks. */
export function planForBurial(crash: CrashId, tags: readonly string[], reason: string): readonly PlannedEdit[] {
  const body = `This crash will not be retraced: ${reason}.`;
  const comment: Edit = { kind: "comment", marker: `crash-digger:buried:${crash}`, subject: "Given up", body };
  return giveUp(crash, comment, tags);
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
