import type { Clock } from "../system/clock.ts";
import { messageOf, ServiceFailure, TransientFailure } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import { isGate } from "../tracker/gate.ts";
import type { CrashId, Edit, EditOutcome, Tracker } from "../tracker/types.ts";
import { editIn, readableEdit } from "./edit-schema.ts";
import { giveUpClosing } from "./not-closed.ts";
import type { PlanPolicy } from "./plan-policy.ts";
import { maxEditFailures, type OutboxEntry } from "./state/outbox-entries.ts";
import type { State } from "./state.ts";

const pageSize = 100;

export type OutboxServices = {
  readonly state: State;
  readonly tracker: Tracker;
  readonly planPolicy: Pick<PlanPolicy, "texts">;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Carries out planned edits in the order of planning: all that are open, or those of one crash. Each is
 * marked as done after the tracker has it; an edit whose mark was lost is carried out again, which by the
 * tracker's contract changes nothing.
 *
 * @throws ServiceFailure that names the edit when one fails. One that failed too often is left alone, and with
 *   it whatever else is planned for its crash, because the edits of a plan build on each other.
 */
export async function carryOut(services: OutboxServices, signal: AbortSignal, crash?: CrashId): Promise<number> {
  let count = 0;
  for (;;) {
    const page = await services.state.openEntries(pageSize, crash);
    if (page.length === 0) return count;
    count += await carryOutPage(page, services, signal);
  }
}

/** @returns how many were carried out: all, unless what follows is outdated. */
async function carryOutPage(
  page: readonly OutboxEntry[],
  services: OutboxServices,
  signal: AbortSignal,
): Promise<number> {
  let done = 0;
  while (done < page.length) {
    signal.throwIfAborted();
    for (const outcome of await apply(page.slice(done), services, signal)) {
      const end = await settle(page[done] as OutboxEntry, outcome, services);
      done++;
      if (end === "outdated") return done;
    }
  }
  return done;
}

type Outcome = EditOutcome | { readonly kind: "absent" };

/** Notes what became of an edit. */
async function settle(entry: OutboxEntry, outcome: Outcome, services: OutboxServices): Promise<"done" | "outdated"> {
  const edit = editIn(entry.editText).kind;
  const note = noteOf(outcome);
  services.log.detail("edit carried out", { crash: entry.crash, edit, outcome: outcome.kind, note });
  if (isGate({ kind: edit }) && outcome.kind === "dropped") {
    // Not marked as done before: whoever is killed in between would go on with the plan.
    await giveUpClosing(entry.crash, outcome.note, services);
    return "outdated";
  }
  await services.state.markDone(entry.entryId, note, services.clock.now());
  return "done";
}

/** Carries out the first of these edits. @returns what became of it, and of those that were carried out with it. */
async function apply(
  [entry, ...later]: readonly OutboxEntry[],
  services: OutboxServices,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  if (entry === undefined) return [];
  const { state, tracker } = services;
  try {
    const edit = editIn(entry.editText);
    const memory = { maybeDone: state.beginEdit(entry.entryId), next: nextOf(entry, later) };
    const { next = [], ...outcome } = await tracker.apply(entry.crash, edit, memory);
    for (const { entryId } of later.slice(0, next.length)) state.beginEdit(entryId);
    return [outcome, ...next];
  } catch (error) {
    // Told to stop while the tracker was being asked: nothing is wrong with the edit. The three that are allowed would soon
    // be used up by a machine that is shut down every night.
    if (error instanceof TransientFailure || signal.aborted) throw error;
    throw await failureOf(entry, error, services);
  }
}

const mostNext = 8;

/** The edits of the same crash right behind an entry, up to one that cannot be read. */
function nextOf({ crash }: OutboxEntry, later: readonly OutboxEntry[]): readonly Edit[] {
  const edits: Edit[] = [];
  for (const entry of later.slice(0, mostNext)) {
    const edit = entry.crash === crash ? readableEdit(entry.editText) : null;
    if (edit === null) break;
    edits.push(edit);
  }
  return edits;
}

async function failureOf(entry: OutboxEntry, cause: unknown, { state }: OutboxServices): Promise<ServiceFailure> {
  const reason = messageOf(cause).slice(0, 2000);
  const failures = await state.noteEditFailure(entry.entryId, reason);
  const isLast = failures >= maxEditFailures;
  const next = isLast
    ? `From now on the edits of crash ${entry.crash} are left alone: "crash-digger retry ${entry.crash}" tries them again.`
    : `After ${maxEditFailures} failures the edits of this crash are left alone, and the others go on.`;
  const ownRemedy = cause instanceof ServiceFailure ? cause.remedy : undefined;
  return new ServiceFailure(
    `edit ${entry.entryId} of crash ${entry.crash} failed, ${failures} of ${maxEditFailures} times: ${reason}`,
    { cause, remedy: ownRemedy === undefined ? next : `${ownRemedy} ${next}` },
  );
}

function noteOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case "done":
    case "already":
      return null;
    case "dropped":
      return outcome.note;
    case "absent":
      return "the crash is no longer on the tracker";
    default:
      throw new ServiceFailure(`the tracker answered an edit with ${JSON.stringify(outcome satisfies never)}`);
  }
}
