import type { CrashId } from "../types.ts";
import { type Launchpad, readTasks } from "./bugs.ts";
import type { Changed } from "./client/types.ts";
import { type TaskEntry, taskSchema } from "./entries.ts";
import { placeOf, type Target } from "./target.ts";

const openStatuses: readonly string[] = [
  "New",
  "Deferred",
  "Incomplete",
  "Confirmed",
  "Triaged",
  "In Progress",
  "Fix Committed",
];

/** Those that the work list asks for: what is fixed in one package may be open in another. */
export const openOrFixed: readonly string[] = [...openStatuses, "Fix Released"];

/** Those of bugs that were decided, too. */
export const allStatuses: readonly string[] = [
  ...openOrFixed,
  "Opinion",
  "Invalid",
  "Won't Fix",
  "Expired",
  "Does Not Exist",
];

export function isOpen({ status }: Pick<TaskEntry, "status">): boolean {
  return openStatuses.includes(status);
}

/** Whether a task says how the target itself stands to the bug: not a series of it, nor somebody else. */
export function countsFor(task: Pick<TaskEntry, "target_link">, target: Target): boolean {
  const place = placeOf(task.target_link, target);
  return place.kind === "itself" || place.kind === "package";
}

/** The open tasks of a bug on the target; null when the bug is gone. Those that the work list showed cost nothing. */
export async function openTasks(launchpad: Launchpad, id: CrashId): Promise<readonly TaskEntry[] | null> {
  const listed = launchpad.memory.recall(id, "listed");
  const tasks = listed ?? launchpad.memory.recall(id, "tasks") ?? (await readTasks(launchpad, id));
  return tasks?.filter((task) => isOpen(task) && countsFor(task, launchpad.target)) ?? null;
}

/** Changes a task, and remembers how it is afterwards. */
export async function changeTask(
  launchpad: Launchpad,
  id: CrashId,
  task: TaskEntry,
  change: (task: TaskEntry) => Readonly<Record<string, unknown>> | null,
): Promise<Changed<TaskEntry>> {
  const changed = await launchpad.client.change(task, taskSchema, change);
  const entry = changed.kind === "changed" || changed.kind === "unchanged" ? changed.entry : null;
  launchpad.earlier.forget(id);
  for (const part of ["tasks", "listed"] as const) {
    const seen = launchpad.memory.recall(id, part);
    if (seen === undefined) continue;
    // One that moved has another address now, and one that was refused is not what we thought.
    if (entry === null) launchpad.memory.forgetPart(id, part);
    else launchpad.memory.note(id, { [part]: seen.map((each) => (each.self_link === entry.self_link ? entry : each)) });
  }
  return changed;
}
