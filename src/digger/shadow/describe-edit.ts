import { tagOfMark } from "../../tracker/marks.ts";
import type { CrashStatus, Edit } from "../../tracker/types.ts";

/** An edit in a few words, for people. What is foreign in it is not made fit for a terminal. */
export function describeEdit(edit: Edit): string {
  switch (edit.kind) {
    case "comment":
      return `comment: ${edit.subject}`;
    case "attach":
      return `attach ${edit.name} (${edit.text.length} characters)`;
    case "remove-attachments":
      return `remove ${edit.names.join(", ")}`;
    case "remove-core":
      return "remove the core";
    case "add-tags":
      return `tag ${edit.tags.join(", ")}`;
    case "remove-tags":
      return `untag ${edit.tags.join(", ")}`;
    case "remove-pending":
      return `untag ${tagOfMark(edit.mark)}, last of all`;
    case "mark-duplicate":
      return `mark as a duplicate of ${edit.of}`;
    default:
      return describeFurther(edit);
  }
}

type FurtherEdit = Extract<
  Edit,
  { kind: `set-${string}` | "subscribe" | "check-master" | "give-trace" | "adopt-tags" | "escalate" }
>;

function describeFurther(edit: FurtherEdit): string {
  switch (edit.kind) {
    case "set-status":
      return `status ${describeStatus(edit.status)}`;
    case "set-importance":
      return `importance ${edit.importance}${edit.ifUndecided === true ? " if nobody has judged yet" : ""}`;
    case "set-title":
      return `title ${edit.title}`;
    case "set-private":
      return edit.private ? "make private" : "make public";
    case "set-package":
      return `file on the package ${edit.sourcePackage} if on none yet`;
    case "subscribe":
      return `subscribe ${edit.team}`;
    case "check-master":
      return `see whether ${edit.of} can be its master`;
    case "give-trace":
      return `its master: attach this trace if tagged ${edit.ifTagged.join(" or ")}, and untag`;
    case "adopt-tags":
      return `its master: tag ${edit.tags.join(", ")} and series where this one is`;
    case "escalate":
      return `its master: tag ${edit.tag}${edit.team === null ? "" : `, subscribe ${edit.team}`} from ${edit.from} duplicates on`;
  }
}

function describeStatus(status: CrashStatus): string {
  if (status.kind !== "fixed") return status.kind;
  return status.version === "" ? "fixed" : `fixed in ${status.version}`;
}
