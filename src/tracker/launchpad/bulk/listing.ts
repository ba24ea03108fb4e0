import { z } from "zod";
import { ServiceFailure } from "../../../system/failure.ts";
import type { CrashId } from "../../types.ts";
import { mostOnPage, operationUrl } from "../client/operation-url.ts";
import type { OperationArguments } from "../client/types.ts";
import { bugNumber } from "../entries.ts";
import type { PlacedTask } from "../summary.ts";
import { omitsSeries, placeOf } from "../target.ts";
import { allStatuses } from "../tasks.ts";
import { type Asking, remembered } from "./asking.ts";

/** What a search has shown. */
export type Listing = {
  readonly url: string;
  /** The tasks of each bug. */
  readonly tasks: ReadonlyMap<CrashId, readonly PlacedTask[]>;
  /** Bugs at the ends of pages that do not fit together: a task of theirs may have slipped through between two pages. */
  readonly edges: ReadonlySet<CrashId>;
  /** How many entries there were, and how many were kept from us on pages that have a next one. */
  readonly shown: number;
  readonly kept: number;
  /** The place behind the last page, if that is a whole one, and whether it is. */
  readonly end: number;
  readonly isLastPageFull: boolean;
};

const maxPages = 5_000;

const taskSchema = z.object({ bug_link: z.string(), target_link: z.string(), status: z.string() });
const pageSchema = z.object({
  start: z.int(),
  entries: z.array(taskSchema),
  next_collection_link: z.string().nullish(),
});

const keptPage = z.object({
  start: z.int(),
  /** Bug, target, status. */
  tasks: z.array(z.tuple([z.int(), z.string(), z.string()])),
  next: z.string().nullable(),
});
type KeptPage = z.output<typeof keptPage>;
type KeptTask = KeptPage["tasks"][number];

/** The tasks of all crash reports on the target that a search finds, of whatever status. */
export async function listTasks(search: OperationArguments, asking: Asking): Promise<Listing> {
  const { client, target } = asking;
  const url = operationUrl(client.url("devel", encodeURIComponent(target.name)), "searchTasks", {
    tags: ["apport-crash"],
    status: allStatuses,
    omit_targeted: omitsSeries(target),
    ...search,
    "ws.size": mostOnPage,
  });
  return gathered(url, await pagesFrom(url, asking), asking);
}

/** How many entries a search has, those that are kept from us among them. */
export async function sizeOf({ url }: Pick<Listing, "url">, asking: Asking): Promise<number> {
  const address = new URL(url);
  address.searchParams.set("ws.show", "total_size");
  const size = z.int().nonnegative();
  const ask = async (): Promise<number> => {
    const found = await asking.client.get(address.href, size);
    if (found !== null) return found;
    throw new ServiceFailure(
      `${address.origin}${address.pathname}: the search that was read a moment ago is not there`,
    );
  };
  return await remembered(address.href, size, ask, asking);
}

async function pagesFrom(url: string, asking: Asking): Promise<readonly KeptPage[]> {
  const pages: KeptPage[] = [];
  const asked = new Set<string>();
  for (let next: string | null = url; next !== null; ) {
    if (asked.has(next) || asked.size >= maxPages) throw endless(asking);
    asked.add(next);
    const address: string = next;
    const page: KeptPage = await remembered(address, keptPage, () => readPage(address, asking), asking);
    asking.log.detail("page of a search", { page: pages.length + 1, tasks: page.tasks.length });
    pages.push(page);
    next = page.next;
  }
  return pages;
}

async function readPage(url: string, { client, target, budget }: Asking): Promise<KeptPage> {
  budget.addPage();
  const page = await client.get(url, pageSchema);
  if (page === null) {
    throw new ServiceFailure(`Launchpad has no ${target.kind} ${target.name} (${client.url("devel", target.name)})`, {
      remedy: `Set tracker.${target.kind} to its name in the addresses of Launchpad's pages.`,
    });
  }
  return {
    start: page.start,
    tasks: page.entries.map(({ bug_link, target_link, status }) => [numberIn(bug_link), target_link, status]),
    next: overlapping(page.next_collection_link ?? null),
  };
}

// The next page from one place earlier on: it begins with the last entry of this one, unless something has shifted. (By
// place alone: `memo` is the server's own note of where a page begins.)
function overlapping(next: string | null): string | null {
  // What is no address is refused when it is asked.
  if (next === null || !URL.canParse(next)) return next;
  const address = new URL(next);
  const start = Number(address.searchParams.get("ws.start"));
  if (!Number.isSafeInteger(start) || start < 2) return next;
  address.searchParams.set("ws.start", String(start - 1));
  address.searchParams.delete("memo");
  return address.href;
}

function numberIn(link: string): CrashId {
  const number = bugNumber(link);
  if (number !== null) return number;
  throw new ServiceFailure(`a task that Launchpad found has no bug number in its bug_link: ${link.slice(0, 300)}`);
}

function endless({ client, target }: Asking): ServiceFailure {
  return new ServiceFailure(
    `${client.url("devel", target.name)}: the pages of the search go round in circles, or are more than ${maxPages}`,
  );
}

function gathered(url: string, pages: readonly KeptPage[], { target }: Asking): Listing {
  // By bug and target: an entry that shifts onto the next page, because one came in before it, is shown twice.
  const tasks = new Map<CrashId, Map<string, PlacedTask>>();
  for (const [bug, link, status] of pages.flatMap((page) => page.tasks)) {
    const ofBug = tasks.get(bug) ?? new Map<string, PlacedTask>();
    tasks.set(bug, ofBug.set(link, { status, place: placeOf(link, target) }));
  }
  const { edges, kept, twice } = seams(pages);
  return {
    url,
    tasks: new Map([...tasks].map(([bug, byTarget]) => [bug, [...byTarget.values()]])),
    edges,
    shown: pages.reduce((sum, page) => sum + page.tasks.length, 0) - twice,
    kept,
    end: (pages.at(-1)?.start ?? 0) + mostOnPage,
    isLastPageFull: pages.at(-1)?.tasks.length === mostOnPage,
  };
}

/** What is between the pages: whether each begins with what the one before ended with, and places without an entry. */
function seams(pages: readonly KeptPage[]): Pick<Listing, "edges" | "kept"> & { readonly twice: number } {
  const edges = new Set<CrashId>();
  let kept = 0;
  let twice = 0;
  for (const [at, following] of pages.slice(1).entries()) {
    const { start, tasks } = pages[at] as KeptPage;
    const [last, first] = [tasks.at(-1), following.tasks[0]];
    const isJoined = isSameTask(last, first);
    const places = following.start - start + (isJoined ? 1 : 0);
    kept += Math.max(0, places - tasks.length);
    if (isJoined) twice += 1;
    else for (const edge of [last, first]) if (edge !== undefined) edges.add(edge[0]);
  }
  return { edges, kept, twice };
}

function isSameTask(one: KeptTask | undefined, other: KeptTask | undefined): boolean {
  return one !== undefined && one[0] === other?.[0] && one[1] === other[1];
}
