import { isArchitectureName, isPendingTag, tagOfMark } from "../tracker/marks.ts";
import type { CrashHeader, CrashId, PendingMark, Tracker } from "../tracker/types.ts";
import { carryOut, type OutboxServices } from "./outbox.ts";
import { planForBurial } from "./plan-giving-up.ts";
import type { SetAside } from "./state/set-aside.ts";
import type { State } from "./state.ts";

/** What became of a person's request; `refused` says why, in a sentence that begins with "it". */
export type ByHand =
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "done"; readonly tags: readonly string[] };

const duplicateCheck: PendingMark = { kind: "duplicate-check" };

type Services = { readonly tracker: Tracker; readonly state: State };

/**
 * Has a crash tried again by the next batch, whatever became of it before: puts its pending mark back, and
 * forgets that it was set aside and how often it or its edits failed. A batch that is running may go first.
 *
 * @param hostArchitecture for a core of which nothing tells the architecture
 */
export async function retryCrash(id: CrashId, { tracker, state }: Services, hostArchitecture: string): Promise<ByHand> {
  const answer = await tracker.header(id);
  if (answer.kind === "absent") return answer;
  const { header } = answer;
  const reason = whyNotAgain(header);
  if (reason !== null) return { kind: "refused", reason };
  const tags = pendingTags(header);
  const wanted = tags.length > 0 ? tags : [tagFor(header, await state.asideOf(id), hostArchitecture)];
  // The mark goes first: a crash that is set aside and has it is tried again anyway.
  await tracker.apply(id, { kind: "add-tags", tags: wanted });
  await state.unstick(id);
  await state.forgetAside([id]);
  return { kind: "done", tags: wanted };
}

/**
 * Gives a crash up: it leaves the work list for good, which is recorded here and told on the tracker. Edits of it
 * that are stuck are given up with it.
 */
export async function buryCrash(
  id: CrashId,
  reason: string,
  services: OutboxServices,
  signal: AbortSignal,
): Promise<ByHand> {
  const { tracker, state, clock } = services;
  const answer = await tracker.header(id);
  if (answer.kind === "absent") return answer;
  const tags = pendingTags(answer.header);
  const before = await state.asideOf(id);
  if (before?.kind === "buried" && tags.length === 0) return { kind: "refused", reason: "it is buried already" };
  if (tags.length === 0 && before === null) return { kind: "refused", reason: "it does not wait for anything" };
  if ((await state.stuckCrashes()).has(id)) await state.abandonEdits(id, "given up with the crash", clock.now());
  const aside: SetAside = { kind: "buried", markTag: tags[0] ?? before?.markTag ?? "", reason };
  await state.recordAside(id, aside, planForBurial(id, tags, reason, services.planPolicy.texts), clock.now());
  await carryOut(services, signal, id);
  return { kind: "done", tags };
}

function pendingTags(header: CrashHeader): readonly string[] {
  return header.tags.filter(isPendingTag);
}

function whyNotAgain(header: CrashHeader): string | null {
  if (header.duplicateOf !== null) return `it is a duplicate of ${header.duplicateOf}`;
  if (header.status.kind !== "open") return `it is closed (${header.status.kind}); reopen it first`;
  if (header.hasCore || wasOnlyCompared(header)) return null;
  return "it has no core any more, so that it cannot be retraced";
}

// A Python crash or a kernel oops never had a core: it is compared by what its report says.
function wasOnlyCompared({ fields, tags }: CrashHeader): boolean {
  return tags.includes(tagOfMark(duplicateCheck)) || fields.has("Traceback") || fields.has("OopsText");
}

function tagFor(header: CrashHeader, before: SetAside | null, hostArchitecture: string): string {
  if (before !== null && isPendingTag(before.markTag)) return before.markTag;
  if (!header.hasCore) return tagOfMark(duplicateCheck);
  const told = (header.fields.get("Architecture") ?? "").trim();
  return tagOfMark({ kind: "retrace", architecture: isArchitectureName(told) ? told : hostArchitecture });
}
