import { tagOfMark } from "../tracker/marks.ts";
import type { CrashId, PendingMark } from "../tracker/types.ts";
import { isDue } from "./policy.ts";
import type { DiggerServices, WorkItem } from "./services.ts";
import type { AsideCrash } from "./state/set-aside.ts";

export type WorkChoice = {
  readonly architecture: string;
  /** Only the reports that need no more than a duplicate check. */
  readonly dupcheckOnly: boolean;
  /** At most this many crashes. */
  readonly limit: number | null;
  /** Only this crash, if it is pending: at once, even if it is set aside. */
  readonly only: CrashId | null;
};

/**
 * What a batch works on, lowest id first: the crashes that the tracker shows as pending, without those that are
 * set aside. First the two are made to agree, and the tracker is right.
 */
export async function workList(choice: WorkChoice, services: DiggerServices): Promise<readonly WorkItem[]> {
  const pending = await pendingItems(choice, services);
  const resting = await restingAmong(pending, choice, services);
  const stuck = await services.state.stuckCrashes();
  const workable = pending.filter(({ id }) => !stuck.has(id));
  const due = workable.filter(({ id }) => !resting.has(id));
  const now = services.clock.now();
  await services.state.noteQueue(idsOf(due), !choice.dupcheckOnly, now);
  const chosen = choice.only === null ? due : workable.filter(({ id }) => id === choice.only);
  const items = chosen.sort((left, right) => left.id - right.id);
  return items.slice(0, choice.limit ?? items.length);
}

function idsOf(items: readonly WorkItem[]): readonly CrashId[] {
  return items.map(({ id }) => id);
}

async function pendingItems(choice: WorkChoice, { tracker }: DiggerServices): Promise<readonly WorkItem[]> {
  const toCheck = await tracker.dupcheckOnly();
  const toRetrace = choice.dupcheckOnly ? [] : await tracker.pending(choice.architecture);
  const retraced = new Set(toRetrace);
  const mark: PendingMark = { kind: "retrace", architecture: choice.architecture };
  return [
    ...toRetrace.map((id) => ({ id, mark })),
    ...toCheck.filter((id) => !retraced.has(id)).map((id): WorkItem => ({ id, mark: { kind: "duplicate-check" } })),
  ];
}

async function restingAmong(
  pending: readonly WorkItem[],
  choice: WorkChoice,
  services: DiggerServices,
): Promise<ReadonlySet<CrashId>> {
  const { state, clock } = services;
  const aside = await state.allAside();
  const outdated = await outdatedAmong(aside, pending, choice, services);
  await state.forgetAside([...outdated]);
  const now = clock.now();
  return new Set(aside.filter((each) => !outdated.has(each.crash) && rests(each, now)).map(({ crash }) => crash));
}

/** Whether a crash that is set aside is left out for now. */
export function rests({ aside }: AsideCrash, now: Date): boolean {
  return aside.kind !== "retry" || !isDue(aside.nextAt, now);
}

// What people did on the tracker meanwhile: one that was given up and has its mark again is to be tried again;
// one that waits and lost its mark, or was closed, is no longer ours to try.
async function outdatedAmong(
  aside: readonly AsideCrash[],
  pending: readonly WorkItem[],
  choice: WorkChoice,
  services: DiggerServices,
): Promise<ReadonlySet<CrashId>> {
  const isPending = new Set(pending.map(({ id }) => id));
  const listed = new Set(listedTags(choice));
  const waiting = aside.filter((each) => waits(each) && listed.has(each.aside.markTag) && !isPending.has(each.crash));
  const givenUp = aside.filter((each) => !waits(each));
  const again = givenUp.filter(({ crash }) => isPending.has(crash));
  const others = givenUp.filter(({ crash }) => !isPending.has(crash)).map(({ crash }) => crash);
  const closed = await closedAmong(others, services);
  return new Set([...waiting, ...again].map(({ crash }) => crash).concat(closed));
}

/** Whether something will take it up again by itself: a time, or symbols. */
export function waits({ aside }: AsideCrash): boolean {
  return aside.kind === "retry" || aside.kind === "parked";
}

function listedTags(choice: WorkChoice): readonly string[] {
  const retrace: PendingMark = { kind: "retrace", architecture: choice.architecture };
  return choice.dupcheckOnly
    ? [tagOfMark({ kind: "duplicate-check" })]
    : [retrace, { kind: "duplicate-check" } as const].map(tagOfMark);
}

async function closedAmong(crashes: readonly CrashId[], { tracker }: DiggerServices): Promise<readonly CrashId[]> {
  if (crashes.length === 0) return [];
  const statuses = await tracker.statusOf(crashes);
  return crashes.filter((crash) => (statuses.get(crash)?.kind ?? "open") !== "open");
}
