import { isTag, tagOfMark } from "../marks.ts";
import { cleanTitle } from "../title.ts";
import type { Edit } from "../types.ts";
import type { BugEntry } from "./entries.ts";

/** Edits that change attributes of the bug itself, so that several of them fit into one request. */
export type AttributeEdit = Extract<
  Edit,
  { kind: "add-tags" | "remove-tags" | "remove-pending" | "set-title" | "set-private" }
>;

export function isAttributeEdit(edit: Edit): edit is AttributeEdit {
  return ["add-tags", "remove-tags", "remove-pending", "set-title", "set-private"].includes(edit.kind);
}

/** The attributes that an edit changes on a bug as it is; null when it is that way already. */
export function attributesFor(edit: AttributeEdit, bug: BugEntry): Partial<BugEntry> | null {
  switch (edit.kind) {
    case "add-tags":
      return withTags(bug, edit.tags.filter(isTag), []);
    case "remove-tags":
      return withTags(bug, [], edit.tags);
    case "remove-pending":
      return withTags(bug, [], [tagOfMark(edit.mark)]);
    case "set-title":
      return bug.title === cleanTitle(edit.title) ? null : { title: cleanTitle(edit.title) };
    case "set-private":
      return bug.private === edit.private ? null : { private: edit.private };
  }
}

/** Tags are sets: those of other people stay, whatever they put on or took off meanwhile. */
function withTags(
  { tags }: BugEntry,
  added: readonly string[],
  removed: readonly string[],
): Pick<BugEntry, "tags"> | null {
  const kept = tags.filter((tag) => !removed.includes(tag));
  const fresh = added.filter((tag) => !kept.includes(tag));
  if (fresh.length === 0 && kept.length === tags.length) return null;
  return { tags: [...new Set([...kept, ...fresh])].sort() };
}
