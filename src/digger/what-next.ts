import { tagOfMark } from "../tracker/marks.ts";
import type { Awaited } from "./awaited.ts";
import { type BatchPolicy, nextTryAt } from "./policy.ts";
import type { WorkItem } from "./services.ts";
import type { SetAside } from "./state/set-aside.ts";
import type { Verdict } from "./verdict.ts";

/** A verdict and what becomes of the crash after it; `aside` null: nothing more is to be done. */
export type NextStep = { readonly verdict: Verdict; readonly aside: SetAside | null };

/**
 * What follows when a crash could not be traced: another try after a growing delay, and after the last one a
 * dead letter, which is told on the tracker like every failure.
 *
 * @param before how the crash was set aside until now
 */
export function afterFailure(
  item: WorkItem,
  verdict: Verdict,
  before: SetAside | null,
  policy: BatchPolicy,
  now: Date,
): NextStep {
  const markTag = tagOfMark(item.mark);
  if (verdict.kind === "failed" || verdict.kind === "no-release")
    return { verdict, aside: { kind: "dead", markTag, reason: verdict.reason } };
  if (verdict.kind !== "postponed") return { verdict, aside: null };
  const tries = (before?.kind === "retry" ? before.tries : 0) + 1;
  if (tries >= policy.maxAttempts) {
    const reason = `tried ${tries} times, the last time: ${verdict.reason}`;
    return { verdict: { kind: "failed", reason }, aside: { kind: "dead", markTag, reason } };
  }
  const nextAt = nextTryAt(tries, now, policy).toISOString();
  return { verdict, aside: { kind: "retry", markTag, tries, nextAt, reason: verdict.reason } };
}

/** Parks a crash with a poor trace until the debug symbols of one of these files appear; null: on none. */
export function afterTrace(
  item: WorkItem,
  verdict: Verdict,
  awaited: Awaited | null,
  policy: BatchPolicy,
  now: Date,
): SetAside | null {
  // A duplicate's trace is its master's; its core goes.
  if (awaited === null || verdict.kind === "duplicate") return null;
  const until = new Date(now.getTime() + policy.parkedMs).toISOString();
  return { kind: "parked", markTag: tagOfMark(item.mark), ...awaited, modules: [...awaited.modules], until };
}
