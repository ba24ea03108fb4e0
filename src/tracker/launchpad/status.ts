import type { CrashId, CrashStatus } from "../types.ts";
import { believedMs } from "./bug-memory.ts";
import { keepForLater, knownSummary, type Launchpad, readBug, readTasks } from "./bugs.ts";
import type { TaskEntry } from "./entries.ts";
import { earlierMaster } from "./masters.ts";
import { publishedVersion } from "./published-version.ts";
import { type Summary, summaryOf } from "./summary.ts";

/** The status of a bug for the duplicate database: one that is gone, or a duplicate, is invalid. */
export async function statusOfBug(launchpad: Launchpad, id: CrashId): Promise<CrashStatus> {
  const summary = await summaryOfBug(launchpad, id);
  return summary === null ? { kind: "invalid" } : await statusBySummary(launchpad, summary);
}

/** Null: it is gone, or a duplicate. */
async function summaryOfBug(launchpad: Launchpad, id: CrashId): Promise<Summary | null> {
  const earlier = await earlierMaster(launchpad, id);
  const seen = launchpad.memory.recall(id, "bug");
  if (seen === undefined && earlier?.bug) return earlier.summary;
  const bug = seen ?? (await readBug(launchpad, id));
  if (bug === null || bug.duplicate_of_link !== null) return null;
  const summary = earlier?.summary ?? (await summaryByTasks(launchpad, id));
  keepForLater(launchpad, bug);
  return summary;
}

async function summaryByTasks(launchpad: Launchpad, id: CrashId): Promise<Summary | null> {
  const seen = knownSummary(launchpad, id, believedMs);
  if (seen !== null) return seen.summary;
  const tasks = await readTasks(launchpad, id);
  return tasks === null ? null : summaryOf(tasks, launchpad.target);
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
