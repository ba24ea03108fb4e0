import type { Edit } from "../types.ts";
import { goesToBugs } from "./attachments.ts";
import type { Target } from "./target.ts";

/** Why an edit is never carried out on bugs of this target, null when it is. Nothing is asked for it. */
export function whyDropped(edit: Edit, target: Target): string | null {
  switch (edit.kind) {
    case "attach":
      return goesToBugs(edit.name) ? null : `${edit.name} is not attached to bugs`;
    case "set-status":
      return edit.status.kind === "invalid" ? null : `whether a bug is ${edit.status.kind}, people say on Launchpad`;
    case "set-package":
      return target.kind === "project" ? "a project's bugs are not sorted by package" : null;
    default:
      return null;
  }
}
