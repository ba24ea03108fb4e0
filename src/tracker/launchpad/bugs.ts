import type { Log } from "../../system/log.ts";
import type { CrashId } from "../types.ts";
import type { BugMemory } from "./bug-memory.ts";
import type { Changed, LaunchpadClient } from "./client/types.ts";
import type { EarlierMasters, SummaryAsSeen } from "./earlier-masters.ts";
import {
  type AttachmentEntry,
  attachmentSchema,
  type BugEntry,
  bugSchema,
  type TaskEntry,
  taskSchema,
} from "./entries.ts";
import { summaryOf } from "./summary.ts";
import type { Target } from "./target.ts";

/** What every call of the tracker works with. */
export type Launchpad = {
  readonly client: LaunchpadClient;
  readonly memory: BugMemory;
  /** What earlier batches have seen of masters. */
  readonly earlier: EarlierMasters;
  readonly target: Target;
  readonly log: Log;
};

export function bugUrl({ client }: Pick<Launchpad, "client">, id: CrashId): string {
  return client.url("1.0", `bugs/${id}`);
}

/** A bug as it is now; null when it is gone, or private and not for us. */
export async function readBug(launchpad: Launchpad, id: CrashId): Promise<BugEntry | null> {
  const bug = await launchpad.client.get(bugUrl(launchpad, id), bugSchema);
  if (bug === null) launchpad.memory.forget(id);
  else launchpad.memory.note(id, { bug });
  return bug;
}

/** A bug as it is, or was a short while ago. */
export async function recallBug(launchpad: Launchpad, id: CrashId): Promise<BugEntry | null> {
  return launchpad.memory.recall(id, "bug") ?? (await readBug(launchpad, id));
}

/** The attachments of a bug, oldest first; null when the bug is gone. */
export async function readAttachments(launchpad: Launchpad, id: CrashId): Promise<readonly AttachmentEntry[] | null> {
  const attachments = await launchpad.client.list(`${bugUrl(launchpad, id)}/attachments`, attachmentSchema);
  if (attachments !== null) launchpad.memory.note(id, { attachments });
  return attachments;
}

export async function recallAttachments(launchpad: Launchpad, id: CrashId): Promise<readonly AttachmentEntry[] | null> {
  return launchpad.memory.recall(id, "attachments") ?? (await readAttachments(launchpad, id));
}

/** The tasks of a bug, oldest first; null when the bug is gone. */
export async function readTasks(launchpad: Launchpad, id: CrashId): Promise<readonly TaskEntry[] | null> {
  const tasks = await launchpad.client.list(`${bugUrl(launchpad, id)}/bug_tasks`, taskSchema);
  if (tasks !== null) launchpad.memory.note(id, { tasks });
  return tasks;
}

/** Changes a bug's own attributes; `change` says which, null for none. */
export async function changeBug(
  launchpad: Launchpad,
  id: CrashId,
  change: (bug: BugEntry) => Readonly<Record<string, unknown>> | null,
): Promise<Changed<BugEntry>> {
  const { memory, earlier } = launchpad;
  const bug = memory.recall(id, "bug") ?? bugUrl(launchpad, id);
  const changed = await launchpad.client.change(bug, bugSchema, change);
  if (changed.kind === "changed" || changed.kind === "unchanged") {
    memory.note(id, { bug: changed.entry });
    keepForLater(launchpad, changed.entry);
  } else {
    memory.forgetPart(id, "bug");
    earlier.forget(id);
  }
  return changed;
}

/** Keeps for later batches what was just seen of a bug that may be a master, if its tasks are known. */
export function keepForLater(launchpad: Launchpad, bug: BugEntry): void {
  const { id, tags, number_of_duplicates: duplicates, duplicate_of_link: master } = bug;
  if (master === null) launchpad.earlier.note(id, { tags, duplicates }, knownSummary(launchpad, id));
  else launchpad.earlier.forget(id);
}

/**
 * What was seen of a bug's tasks; null when that is nothing, or not all that counts.
 *
 * @param maxAgeMs for whoever needs it fresher than the work list
 */
export function knownSummary({ memory, target }: Launchpad, id: CrashId, maxAgeMs?: number): SummaryAsSeen | null {
  // What the work list leaves out, a distribution's tasks that were given up, says nothing beside one that is open.
  const part = target.kind === "distribution" && memory.recall(id, "tasks") === undefined ? "listed" : "tasks";
  const tasks = memory.recall(id, part, maxAgeMs);
  return tasks === undefined ? null : { summary: summaryOf(tasks, target), agoMs: memory.ageMs(id, part) ?? 0 };
}
