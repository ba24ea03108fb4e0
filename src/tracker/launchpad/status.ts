import type { CrashId, CrashStatus } from "../types.ts";
import { type Launchpad, recallBug, recallTasks } from "./bugs.ts";
import type { TaskEntry } from "./entries.ts";
import { earlierMaster } from "./masters.ts";
import { publishedVersion } from "./published-version.ts";
import { type Place, placeOf, type Target } from "./target.ts";

const givenUp: readonly string[] = ["Invalid", "Won't Fix", "Expired", "Does Not Exist"];

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

/** What tasks tell: `fixed-in` is fixed in the version in which the distribution has this package now. */
export type Summary = CrashStatus | { readonly kind: "fixed-in"; readonly sourcePackage: string };

/** A task as far as a status depends on it. */
export type PlacedTask = { readonly place: Place; readonly status: string };

/**
 * The status as far as the tasks tell it. One fixed package: fixed in the version that the target now ships
 * (`fixed-in`). Several: nobody knows which one carried the bug, so the version is unknown.
 */
export function summaryOf(tasks: readonly TaskEntry[], target: Target): Summary {
  const placed = tasks.map(({ status, target_link }) => ({ status, place: placeOf(target_link, target) }));
  return summaryOfPlaced(placed, target.kind);
}

/** The same for tasks of which it is known where they stand. */
export function summaryOfPlaced(tasks: readonly PlacedTask[], kind: Target["kind"]): Summary {
  return kind === "distribution" ? inDistribution(tasks) : inProject(tasks);
}

function inDistribution(placed: readonly PlacedTask[]): Summary {
  const onPackages = placed.filter(({ place }) => place.kind === "package");
  const [fixed, ...more] = onPackages.filter(({ status }) => status === "Fix Released");
  if (fixed?.place.kind === "package" && more.length === 0) {
    return { kind: "fixed-in", sourcePackage: fixed.place.sourcePackage };
  }
  const onItself = placed.filter(({ place }) => place.kind === "itself");
  if (fixed !== undefined || onItself.some(({ status }) => status === "Fix Released")) return fixedSomewhere;
  return allGivenUp([...onPackages, ...onItself]) ? { kind: "invalid" } : { kind: "open" };
}

function inProject(placed: readonly PlacedTask[]): Summary {
  const ours = placed.filter(({ place }) => place.kind !== "other");
  if (ours.some(({ status }) => status === "Fix Released")) return fixedSomewhere;
  return ours.some(({ status }) => status === "Invalid") ? { kind: "invalid" } : { kind: "open" };
}

const fixedSomewhere: CrashStatus = { kind: "fixed", version: "" };

function allGivenUp(tasks: readonly { readonly status: string }[]): boolean {
  return tasks.length > 0 && tasks.every(({ status }) => givenUp.includes(status));
}
