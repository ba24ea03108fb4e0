import { ServiceFailure } from "../../system/failure.ts";
import { tagsThatWantTrace } from "../marks.ts";
import type { CrashId } from "../types.ts";
import type { Launchpad } from "./bugs.ts";
import { mostOnPage, operationUrl } from "./client/operation-url.ts";
import type { OperationArguments } from "./client/types.ts";
import { bugNumber, type TaskEntry, taskSchema } from "./entries.ts";
import { type Summary, summaryOf } from "./summary.ts";
import { omitsSeries } from "./target.ts";
import { allStatuses, isOpen, openOrFixed } from "./tasks.ts";

/**
 * The bugs with this tag that have an open task on the target and are no duplicates, lowest id first. A bug with
 * several such tasks is one crash.
 */
export async function bugsTagged(launchpad: Launchpad, tag: string): Promise<readonly CrashId[]> {
  const { memory } = launchpad;
  // A task of an older series is somebody's wish for a fix there; the crash itself is done with where it counts.
  const tasks = await search(launchpad, { tags: [tag], status: openOrFixed, omit_targeted: true });
  const open = [...byBug(tasks)].filter(([, found]) => found.some(isOpen));
  // That they are open is known now; what a header tells of the status needs no further request.
  for (const [id, found] of open) memory.note(id, { listed: found });
  return open.map(([id]) => id).sort((left, right) => left - right);
}

/** Apport's tags for what it files as a crash, whether it was looked at already or not. */
const crashTags = ["apport-crash", "apport-kerneloops", "apport-kernelcrash"];

/** All crash bugs of the target that were changed after a moment, also closed ones and duplicates, lowest id first. */
export async function bugsChangedSince(launchpad: Launchpad, since: Date): Promise<readonly CrashId[]> {
  const tasks = await changedTasks(launchpad, since, { tags: crashTags, omit_targeted: true });
  return [...byBug(tasks).keys()].sort((left, right) => left - right);
}

/**
 * The same of all its bugs, with what their tasks tell now: one whose tags were taken off is no crash for the search any
 * more.
 */
export async function anyBugsChangedSince(launchpad: Launchpad, since: Date): Promise<ReadonlyMap<CrashId, Summary>> {
  const { target } = launchpad;
  const tasks = await changedTasks(launchpad, since, { omit_targeted: omitsSeries(target) });
  return new Map([...byBug(tasks)].map(([id, found]) => [id, summaryOf(found, target)]));
}

/** Which of those are no duplicates, and want no trace. */
export async function plainBugsChangedSince(launchpad: Launchpad, since: Date): Promise<ReadonlySet<CrashId>> {
  const without = tagsThatWantTrace.map((tag) => `-${tag}`);
  const tasks = await changedTasks(launchpad, since, {
    tags: without,
    tags_combinator: { option: "All" },
    omit_duplicates: true,
    omit_targeted: omitsSeries(launchpad.target),
  });
  return new Set(byBug(tasks).keys());
}

async function changedTasks(
  launchpad: Launchpad,
  since: Date,
  conditions: OperationArguments,
): Promise<readonly TaskEntry[]> {
  return await search(launchpad, {
    status: allStatuses,
    omit_duplicates: false,
    modified_since: since.toISOString(),
    ...conditions,
  });
}

function byBug(tasks: readonly TaskEntry[]): ReadonlyMap<CrashId, readonly TaskEntry[]> {
  return Map.groupBy(tasks, (task) => bugNumber(task.bug_link) ?? unreadable(task));
}

async function search(launchpad: Launchpad, conditions: OperationArguments): Promise<readonly TaskEntry[]> {
  const { client, target } = launchpad;
  const all = { ...conditions, order_by: ["id"], "ws.size": mostOnPage };
  const url = operationUrl(client.url("devel", encodeURIComponent(target.name)), "searchTasks", all);
  const tasks = await client.list(url, taskSchema);
  if (tasks === null) throw noTarget(launchpad);
  return tasks;
}

function noTarget({ target, client }: Launchpad): ServiceFailure {
  return new ServiceFailure(`Launchpad has no ${target.kind} ${target.name} (${client.url("devel", target.name)})`, {
    remedy: `Set tracker.${target.kind} to its name in the addresses of Launchpad's pages.`,
  });
}

function unreadable(task: TaskEntry): never {
  throw new ServiceFailure(`Launchpad's task ${task.self_link} has no bug number in bug_link: ${task.bug_link}`);
}
