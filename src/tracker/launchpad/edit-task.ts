import type { CrashId, Edit } from "../types.ts";
import type { Launchpad } from "./bugs.ts";
import type { TaskEntry } from "./entries.ts";
import { absent, already, dropped, type Outcome, outcomeOf } from "./outcome.ts";
import { placeOf } from "./target.ts";
import { changeTask, openTasks } from "./tasks.ts";

/** Closes a bug as invalid: the first of its open tasks on the target. Whether it is fixed is for people to say. */
export async function closeAsInvalid(launchpad: Launchpad, id: CrashId): Promise<Outcome> {
  return await changeFirst(launchpad, id, (task) => (task.status === "Invalid" ? null : { status: "Invalid" }));
}

/** Sets the importance of the first open task on the target. */
export async function setImportance(
  launchpad: Launchpad,
  id: CrashId,
  { importance, ifUndecided }: Extract<Edit, { kind: "set-importance" }>,
): Promise<Outcome> {
  return await changeFirst(launchpad, id, (task) => {
    const isJudged = ifUndecided === true && task.importance !== "Undecided";
    return isJudged || task.importance === importance ? null : { importance };
  });
}

// Debian Policy 5.6.1; whatever else a report says is no segment of an address.
const sourcePackageName = /^[a-z0-9][a-z0-9+.-]{1,254}$/;

/** Moves the task that stands on the bare distribution to a source package. */
export async function setPackage(
  launchpad: Launchpad,
  id: CrashId,
  { sourcePackage }: Extract<Edit, { kind: "set-package" }>,
): Promise<Outcome> {
  const { target } = launchpad;
  if (!sourcePackageName.test(sourcePackage)) return dropped("what the report says is no name of a source package");
  const isBare = ({ target_link }: TaskEntry): boolean => placeOf(target_link, target).kind === "itself";
  const moved = (task: TaskEntry) =>
    isBare(task) ? { target_link: `${task.target_link}/+source/${encodeURIComponent(sourcePackage)}` } : null;
  return await changeFirst(launchpad, id, moved, isBare);
}

async function changeFirst(
  launchpad: Launchpad,
  id: CrashId,
  change: (task: TaskEntry) => Partial<TaskEntry> | null,
  concerns: (task: TaskEntry) => boolean = () => true,
): Promise<Outcome> {
  const tasks = await openTasks(launchpad, id);
  if (tasks === null) return absent;
  const task = tasks.find(concerns);
  if (task === undefined) return already;
  const changed = await changeTask(launchpad, id, task, change);
  return outcomeOf(changed);
}
