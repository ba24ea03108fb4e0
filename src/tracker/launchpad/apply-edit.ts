import type { CrashId, Edit, EditMemory } from "../types.ts";
import { attach } from "./attach.ts";
import type { Launchpad } from "./bugs.ts";
import { changeAttributes } from "./change-attributes.ts";
import { checkMaster } from "./check-master.ts";
import { addComment } from "./comment.ts";
import { closeAsInvalid, setImportance, setPackage } from "./edit-task.ts";
import { markDuplicate } from "./mark-duplicate.ts";
import { dropped, type Outcome } from "./outcome.ts";
import { removeAttachments, removeCore } from "./remove-attachments.ts";
import { subscribe } from "./subscribe.ts";
import { tellMaster } from "./tell-master.ts";
import { whyDropped } from "./why-dropped.ts";

/** Carries out one edit on a bug. */
export async function applyEdit(launchpad: Launchpad, id: CrashId, edit: Edit, memory: EditMemory): Promise<Outcome> {
  const reason = whyDropped(edit, launchpad.target);
  return reason === null ? await applied(launchpad, id, edit, memory) : dropped(reason);
}

function applied(launchpad: Launchpad, id: CrashId, edit: Edit, memory: EditMemory): Promise<Outcome> {
  switch (edit.kind) {
    case "comment":
      return addComment(launchpad, id, edit, memory);
    case "attach":
      return attach(launchpad, id, edit, memory);
    case "remove-attachments":
      return removeAttachments(launchpad, id, edit.names, memory);
    case "remove-core":
      return removeCore(launchpad, id, memory);
    case "subscribe":
      return subscribe(launchpad, id, edit.team, memory);
    case "mark-duplicate":
      return markDuplicate(launchpad, id, edit.of, memory);
    case "check-master":
      return checkMaster(launchpad, id, edit.of);
    case "give-trace":
    case "adopt-tags":
    case "escalate":
      return tellMaster(launchpad, id, edit, memory);
    default:
      return applyToAttributes(launchpad, id, edit, memory);
  }
}

type AttributeOrTaskEdit = Extract<Edit, { kind: "add-tags" | "remove-tags" | "remove-pending" | `set-${string}` }>;

function applyToAttributes(
  launchpad: Launchpad,
  id: CrashId,
  edit: AttributeOrTaskEdit,
  { next = [] }: EditMemory,
): Promise<Outcome> {
  switch (edit.kind) {
    case "set-status":
      return closeAsInvalid(launchpad, id);
    case "set-importance":
      return setImportance(launchpad, id, edit);
    case "set-package":
      return setPackage(launchpad, id, edit);
    default:
      return changeAttributes(launchpad, id, edit, next);
  }
}
