import type { Attachment, CrashHeader, CrashId } from "../types.ts";
import { attachedFields } from "./attached-fields.ts";
import { isCore, nameOf, wantedAttachments, wantedLater } from "./attachments.ts";
import { type Launchpad, readAttachments, readBug, readTasks, recallAttachments, recallBug } from "./bugs.ts";
import { fieldsOfDescription } from "./description.ts";
import { type AttachmentEntry, bugNumber, type TaskEntry } from "./entries.ts";
import { importanceOf } from "./importance.ts";
import { reportInBug } from "./report-in-bug.ts";
import { statusByTasks } from "./status.ts";
import { countsFor, isOpen } from "./tasks.ts";

/** Everything about a bug's report but its core; null when the bug is gone, or private and not for us. */
export async function readHeader(launchpad: Launchpad, id: CrashId): Promise<CrashHeader | null> {
  const bug = await readBug(launchpad, id);
  const attachments = bug === null ? null : await readAttachments(launchpad, id);
  const judgement = attachments === null ? null : await readJudgement(launchpad, id);
  if (bug === null || attachments === null || judgement === null) return null;
  const inline = fieldsOfDescription(bug.description) ?? new Map<string, string>();
  const attached = await attachedFields(launchpad, id, wantedAttachments(attachments, bug.tags));
  return {
    id,
    title: bug.title,
    tags: [...bug.tags].sort(),
    duplicateOf: bug.duplicate_of_link === null ? null : bugNumber(bug.duplicate_of_link),
    isPrivate: bug.private,
    ...judgement,
    fields: reportInBug(bug, inline, attached),
    attachments: shown(attachments),
    hasCore: attachments.some(isCore),
  };
}

/** The long fields that only a retrace reads. */
export async function readLaterFields(launchpad: Launchpad, id: CrashId): Promise<ReadonlyMap<string, string>> {
  const bug = await recallBug(launchpad, id);
  const attachments = bug === null ? null : await recallAttachments(launchpad, id);
  if (bug === null || attachments === null) return new Map();
  const inline = fieldsOfDescription(bug.description) ?? new Map<string, string>();
  return await attachedFields(launchpad, id, wantedLater(inline, attachments));
}

type Judgement = Pick<CrashHeader, "status" | "importance">;

// What the work list has just shown as open is not read once more.
async function readJudgement(launchpad: Launchpad, id: CrashId): Promise<Judgement | null> {
  const listed = launchpad.memory.recall(id, "listed")?.filter(isOpen);
  if (listed !== undefined) return { status: { kind: "open" }, ...importance(launchpad, listed) };
  const tasks = await readTasks(launchpad, id);
  if (tasks === null) return null;
  return { status: await statusByTasks(launchpad, tasks), ...importance(launchpad, tasks) };
}

function importance(launchpad: Launchpad, tasks: readonly TaskEntry[]): Pick<CrashHeader, "importance"> {
  const task = tasks.find((each) => countsFor(each, launchpad.target));
  const known = task === undefined ? null : importanceOf(task);
  return known === null ? {} : { importance: known };
}

/** Each name once, and no core. Launchpad tells no sizes. */
function shown(attachments: readonly AttachmentEntry[]): readonly Attachment[] {
  const names = new Set(attachments.filter((each) => !isCore(each)).map(nameOf));
  return [...names].sort().map((name) => ({ name, sizeBytes: null }));
}
