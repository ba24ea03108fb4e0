import { ServiceFailure } from "../../../system/failure.ts";
import type { CrashId } from "../../types.ts";
import { type Summary, summaryOfPlaced } from "../summary.ts";
import type { Answers, Asking, BulkSettings } from "./asking.ts";
import { budgetOf } from "./budget.ts";
import { type Listing, listTasks, sizeOf } from "./listing.ts";
import { lookAtBug, lookAtTasks } from "./one-bug.ts";
import { publishedVersions } from "./versions.ts";

/**
 * How a bug stands. `absent`: there is none of this number; `hidden`: it may be there, but is not shown to us; `unasked`:
 * left for the next run.
 */
type BulkStatus = Summary | { readonly kind: "absent" | "hidden" | "unasked" };

type Stored = ReadonlyMap<CrashId, string | null>;
type Question = { readonly stored: Stored; readonly recent: ReadonlySet<CrashId>; readonly since: Date | null };
type Heard = { readonly statuses: ReadonlyMap<CrashId, BulkStatus>; readonly isFull: boolean };

/** A source of statuses for one consolidation. */
export type LaunchpadStatuses = {
  readonly identity: string;
  statuses(question: Question, answers: Answers): Promise<Heard>;
  versionsOf(sourcePackages: readonly string[], answers: Answers): Promise<ReadonlyMap<string, string | null>>;
};

/** What one run asks of Launchpad at most: a hundred thousand crashes are 335 pages of a search. */
export const mostRequestsOfARun = 400;

/**
 * How the bugs of a target stand, by searches of the public web service: all of them in a request for each 300, later on
 * those that changed in a handful.
 *
 * @param api the web service's address, for the source's name.
 * @param mostRequests of this run; what is left is for the next one.
 */
export function launchpadStatuses(
  settings: BulkSettings,
  api: string,
  mostRequests = mostRequestsOfARun,
): LaunchpadStatuses {
  const budget = budgetOf(settings.client, mostRequests);
  const counted = { ...settings, client: budget.client, budget };
  return {
    identity: `launchpad ${api} ${settings.target.kind} ${settings.target.name}`,
    statuses: ({ stored, recent, since }, answers) => {
      const asking = { ...counted, answers };
      return since === null ? everyBug(stored, recent, asking) : changedBugs(stored, since, asking);
    },
    versionsOf: (sourcePackages, answers) => publishedVersions(sourcePackages, { ...counted, answers }),
  };
}

async function everyBug(all: Stored, recent: ReadonlySet<CrashId>, asking: Asking): Promise<Heard> {
  const listing = await listTasks({ omit_duplicates: true, order_by: ["id"] }, asking);
  // When some pages were heard days ago, what was filed since is on none of them.
  const stored = new Map([...all].filter(([id]) => listing.tasks.has(id) || !recent.has(id)));
  // At once: a later run, which looks at the last of what is missing, would count what was filed meanwhile.
  if ([...stored.keys()].some((id) => !listing.tasks.has(id))) await sizeOf(listing, asking);
  await refuseBrokenOff(stored, listing, asking);
  const statuses = await statusesOf(stored, listing, asking);
  const absent = [...statuses].filter(([, { kind }]) => kind === "absent").map(([id]) => id);
  // With a token for public bugs only a private one answers like one that is gone, and may be as open as ever.
  if (absent.length > 0 && (await isBlind(listing, asking))) {
    for (const id of absent) statuses.set(id, { kind: "hidden" });
  }
  return { statuses, isFull: true };
}

// What a search does not show is looked at by itself, which for a few bugs is right. A search that ends after its first
// page without saying why would make it a hundred thousand requests.
const mostMissing = 200;

async function refuseBrokenOff(stored: Stored, listing: Listing, asking: Asking): Promise<void> {
  const missing = [...stored.keys()].filter((id) => !listing.tasks.has(id)).length;
  if (missing >= mostMissing) await refuseShort(listing, asking);
}

async function refuseShort(listing: Listing, asking: Asking): Promise<void> {
  const size = await sizeOf(listing, asking);
  // New bugs come in while we read.
  if (size <= listing.end + mostMissing) return;
  throw new ServiceFailure(`Launchpad's search broke off: it showed ${listing.shown} tasks of ${size}`, {
    remedy: "Try again later; if it stays so, somebody has to look what the web service answers to searchTasks.",
  });
}

// Newest first: what people change meanwhile moves to the front, and shows what is behind it twice instead of not at all.
const newestFirst = ["-date_last_updated", "id"];

async function changedBugs(stored: Stored, since: Date, asking: Asking): Promise<Heard> {
  // As launchpadlib writes a time.
  const changed = { modified_since: since.toISOString().replace("Z", "+00:00"), order_by: newestFirst };
  const all = await listTasks({ ...changed, omit_duplicates: false }, asking);
  if (all.isLastPageFull) await refuseShort(all, asking);
  const ours = new Map([...stored].filter(([id]) => all.tasks.has(id)));
  if (ours.size === 0) return { statuses: new Map(), isFull: false };
  // A task does not tell whether its bug is a duplicate. Those that this search lacks are looked at one by one.
  const masters = await listTasks({ ...changed, omit_duplicates: true }, asking);
  await refuseBrokenOff(ours, masters, asking);
  const statuses = await statusesOf(ours, masters, asking);
  for (const [id, { kind }] of statuses) if (kind === "absent") statuses.set(id, { kind: "hidden" });
  return { statuses, isFull: false };
}

/** What a listing tells of bugs; those that it does not show, or perhaps not whole, are looked at by themselves. */
async function statusesOf(stored: Stored, listing: Listing, asking: Asking): Promise<Map<CrashId, BulkStatus>> {
  const statuses = new Map<CrashId, BulkStatus>();
  const unsure: CrashId[] = [];
  for (const [id, fixedVersion] of stored) {
    const tasks = listing.tasks.get(id);
    const status = tasks === undefined ? null : summaryOfPlaced(tasks, asking.target.kind);
    const isSure = status !== null && (!listing.edges.has(id) || isAsStored(status, fixedVersion));
    if (isSure) statuses.set(id, status);
    else unsure.push(id);
  }
  if (unsure.length > 0) asking.log.event("bugs that the search does not tell of", { bugs: unsure.length });
  for (const id of unsure) {
    const look = listing.tasks.has(id) ? lookAtTasks : lookAtBug;
    statuses.set(id, await look(id, asking));
  }
  return statuses;
}

function isAsStored(status: Summary, fixedVersion: string | null): boolean {
  return status.kind === "open" ? fixedVersion === null : status.kind !== "invalid" && fixedVersion !== null;
}

// Entries that are kept from us leave their places on the pages empty, and are counted all the same.
async function isBlind(listing: Listing, asking: Asking): Promise<boolean> {
  return listing.kept > 0 || (await sizeOf(listing, asking)) > listing.shown;
}
