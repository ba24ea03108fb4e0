import { isPendingTag } from "../tracker/marks.ts";
import type { CrashHeader, CrashId, Edit } from "../tracker/types.ts";
import { readableEdit } from "./edit-schema.ts";
import type { DiggerServices } from "./services.ts";
import type { OutboxEntry } from "./state/outbox-entries.ts";

/**
 * Frees a `state.db` of some days ago from what is no longer so.
 *
 * - Crashes that waited (for another try, for symbols) are forgotten: those that still wait have their mark on the
 *   tracker, and are tried at once. Left alone, one that was traced since could be "let go" with a comment.
 * - Edits that were open then are mostly carried out by now. Carried out once more, they would put an old trace in the
 *   place of a better one, or take off a mark that a person has put back.
 *
 * @returns the highest crash that a plan may have been made for and forgotten
 */
export async function catchUpState(
  services: DiggerServices,
  architecture: string,
  signal: AbortSignal,
): Promise<CrashId> {
  const { state, tracker } = services;
  const waiting = (await state.allAside()).filter(({ aside }) => aside.kind === "retry" || aside.kind === "parked");
  await state.forgetAside(waiting.map(({ crash }) => crash));
  for (const [crash, entries] of await state.allOpen()) {
    signal.throwIfAborted();
    await settlePlan(crash, entries, services);
  }
  const pending = [...(await tracker.pending(architecture)), ...(await tracker.dupcheckOnly())];
  return Math.max(0, ...pending);
}

async function settlePlan(crash: CrashId, entries: readonly OutboxEntry[], services: DiggerServices): Promise<void> {
  const { state, tracker, clock, log } = services;
  const answer = await tracker.header(crash);
  if (answer.kind === "absent") return;
  const edits = entries.map(({ editText }) => readableEdit(editText)).filter((edit) => edit !== null);
  const reason = whyOutdated(answer.header, edits);
  if (reason === null) return;
  await state.abandonEdits(crash, reason, clock.now());
  log.event("edits from before the restore given up", { crash, reason });
}

function whyOutdated({ tags, status, duplicateOf }: CrashHeader, edits: readonly Edit[]): string | null {
  const isPending = duplicateOf === null && status.kind === "open" && tags.some(isPendingTag);
  if (isPending) return "the crash is pending: it is decided anew";
  if (edits.some(({ kind }) => kind === "remove-pending")) return "the crash is not pending any more: it was decided";
  // The loser of a merge has no mark. What its plan says is still so unless people say otherwise by now.
  const planned = edits.find((edit) => edit.kind === "mark-duplicate")?.of ?? duplicateOf;
  if (planned !== null && (duplicateOf === null || duplicateOf === planned)) return null;
  return "the crash has been decided otherwise since";
}
