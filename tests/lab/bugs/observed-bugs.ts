import type { BugSnapshot } from "../launchpad/dump.ts";
import { meanwhileTag } from "../launchpad/meanwhile.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import { type ExpectedBug, sorted } from "./expected-bugs.ts";
import { firstBug } from "./file-bugs.ts";

/**
 * The bugs as they are, in the form in which they are expected. A tag that a concurrent editor of the server's own set
 * is left out where it is, and told as missing where somebody has overwritten it.
 */
export function observedBugs(launchpad: LaunchpadLab): readonly ExpectedBug[] {
  const edited = editedMeanwhile(launchpad);
  const bugs = launchpad.dump().bugs.filter(({ id }) => id >= firstBug);
  return bugs.map((bug) => sorted(observed(bug, edited.has(bug.id))));
}

function observed(bug: BugSnapshot, wasEdited: boolean): ExpectedBug {
  const { id, title, tags, duplicateOf, tasks, attachments, comments, subscribers } = bug;
  const own = tags.filter((tag) => !wasEdited || tag !== meanwhileTag);
  return {
    id,
    title,
    tags: wasEdited && own.length === tags.length ? [...tags, `LOST: ${meanwhileTag}`] : own,
    isPrivate: bug.informationType !== "Public",
    duplicateOf,
    tasks: tasks.map((task) => ({ ...task })),
    attachments: attachments.map((each) => each.title),
    comments: comments.filter(({ content }) => content !== "").map(said),
    subscribers: [...subscribers],
  };
}

// A person's words have no marker; whoever attaches a file says its name.
function said({ subject, content }: BugSnapshot["comments"][number]): string {
  const marker = /\n(\[crash-digger:[^\n]*\])$/.exec(content)?.[1];
  return marker === undefined ? content : `${subject} ${marker}`;
}

function editedMeanwhile(launchpad: LaunchpadLab): ReadonlySet<number> {
  const edits = launchpad.requests().filter(({ fault }) => fault === "concurrent-edit");
  return new Set(edits.map(({ path }) => Number(/\/bugs\/(\d+)/.exec(path)?.[1])));
}
