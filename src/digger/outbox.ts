import type { Clock } from "../system/clock.ts";
import { ServiceFailure } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import type { CrashId, Tracker } from "../tracker/types.ts";
import type { OutboxEntry, State } from "./state.ts";

const pageSize = 100;

export type OutboxServices = {
  readonly state: State;
  readonly tracker: Tracker;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Carries out planned edits in the order of planning: all that are open, or those of one crash. Each is
 * marked as done after the tracker has it; an edit whose mark was lost is carried out again, which by the
 * tracker's contract changes nothing.
 */
export async function carryOut(services: OutboxServices, signal: AbortSignal, crash?: CrashId): Promise<number> {
  let count = 0;
  for (;;) {
    const page = await services.state.openEntries(pageSize, crash);
    if (page.length === 0) return count;
    for (const entry of page) {
      signal.throwIfAborted();
      await carryOutOne(entry, services);
      count++;
    }
  }
}

async function carryOutOne(entry: OutboxEntry, { state, tracker, clock, log }: OutboxServices): Promise<void> {
  const outcome = await tracker.apply(entry.crash, entry.edit);
  const note = noteOf(outcome);
  await state.markDone(entry.entryId, note, clock.now());
  log.detail("edit carried out", { crash: entry.crash, edit: entry.edit.kind, outcome: outcome.kind, note });
}

function noteOf(outcome: Awaited<ReturnType<Tracker["apply"]>>): string | null {
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
