import type { CrashId, CrashStatus } from "../types.ts";
import { type Launchpad, recallBug, recallTasks } from "./bugs.ts";
import type { TaskEntry } from "./entries.ts";
import { earlierMaster } from "./masters.ts";
import { publishedVersion } from "./published-version.ts";
import { type Summary, summaryOf } from "./summary.ts";

/** The status of a bug for the duplicate database: one that is gone, or a duplicate, is invalid. */
export async function statusOfBug(launchpad: Launchpad, id: CrashId): Promise<CrashStatus> {
  const earlier = await earlierMaster(launchpad, id);
  if (earlier !== undefined) return await statusBySummary(launchpad, earlier.summary);
  const bug = await recallBug(launchpad, id);
  if (bug === null || bug.duplicate_of_link !== null) return { kind: "invalid" };
  const tasks = await recallTasks(launchpad, id);
  if (tasks === null) return { kind: "invalid" };
  const summary = summaryOf(tasks, launchpad.target);
  launchpad.earlier.note({ id, tags: bug.tags, duplicates: bug.number_of_duplicates, summary });
  return await statusBySummary(launchpad, summary);
}

/** What a bug's tasks say of it, whether it is a duplicate or not. */
export async function statusByTasks(launchpad: Launchpad, tasks: readonly TaskEntry[]): Promise<CrashStatus> {
  return await statusBySummary(launchpad, summaryOf(tasks, launchpad.target));
}

async function statusBySummary(launchpad: Launchpad, summary: Summary): Promise<CrashStatus> {
  if (summary.kind !== "fixed-in") return summary;
  const version = await publishedVersion(launchpad, summary.sourcePackage);
  return version === null ? { kind: "invalid" } : { kind: "fixed", version };
}
