import { fidelitySummary } from "../retrace/fidelity.ts";
import { firstThrown, messageOf, ServiceFailure, TransientFailure } from "../system/failure.ts";
import type { CrashId } from "../tracker/types.ts";
import { memoryCeiling } from "./batch-memory.ts";
import { catchUp } from "./catch-up.ts";
import { conclude } from "./conclude.ts";
import { CrashFailure } from "./crash-failure.ts";
import { dig, type Findings } from "./dig.ts";
import { inOrder } from "./in-order.ts";
import { endOutage, noteOutage } from "./outage.ts";
import { carryOut } from "./outbox.ts";
import { wakeParked } from "./parking.ts";
import { patientTracker } from "./patient-tracker.ts";
import type { DiggerServices, WorkItem } from "./services.ts";
import type { Attempt, EndedAs } from "./state/batches.ts";
import type { SetAside } from "./state/set-aside.ts";
import { topFunctionOf } from "./top-function.ts";
import { masterOf, reasonOf, type Verdict } from "./verdict.ts";
import { type WorkChoice, workList } from "./work-list.ts";

export type BatchOptions = WorkChoice & {
  /** How many crashes are retraced at a time; one more is being fetched meanwhile. */
  readonly jobs: number;
  /** Is told how the batch is getting on. */
  readonly watch?: BatchWatch;
};

/** Gets to know the batch's number, how long the work list is, and when each crash is begun and done. */
export type BatchWatch = (
  event:
    | { readonly kind: "batch"; readonly id: number }
    | { readonly kind: "work list"; readonly crashes: number }
    | { readonly kind: "begun" | "done"; readonly crash: CrashId },
) => void;

/** What came of a crash in this batch, and whether it waits for something now. */
export type Attempted = Attempt & { readonly aside: SetAside | null };

export type BatchSummary = {
  readonly batchId: number;
  readonly attempts: readonly Attempted[];
  /** Set when the batch ended early: something is away for the moment, or its process had grown too large. */
  readonly endedEarly: string | null;
};

type Dug = { readonly findings: Findings; readonly durationMs: number };

/** How far a batch has got. */
type Progress = {
  readonly batchId: number;
  readonly attempts: Attempted[];
  gdbPeakBytes: number | null;
  /** Why no further crash was begun, and how many were left. */
  stopped: { readonly reason: string; readonly left: number } | null;
};

/**
 * One batch: catches up after a restore, finishes what an interrupted one left, then works through what is pending, and ends.
 *
 * @throws ServiceFailure, or whatever else went wrong that is not one report's fault; no crash under way is
 *   changed then. A TransientFailure of the tracker ends the batch early and is told in the summary, unless the
 *   tracker has been away for too long.
 */
export async function runBatch(
  options: BatchOptions,
  given: DiggerServices,
  host: { readonly name: string; readonly pid: number },
  controller: AbortController,
): Promise<BatchSummary> {
  const { state, clock, log } = given;
  const services = { ...given, tracker: patientTracker(given, controller.signal) };
  const batchId = await state.beginBatch(host.name, host.pid, clock.now());
  options.watch?.({ kind: "batch", id: batchId });
  const progress: Progress = { batchId, attempts: [], gdbPeakBytes: null, stopped: null };
  const { attempts } = progress;
  try {
    log.event("batch begins", { batch: batchId, architecture: options.architecture, jobs: options.jobs });
    await workThroughAll(options, services, controller, progress);
    await endOutage(services);
    return await endWell(progress, services);
  } catch (error) {
    await noteEnd(error, services, progress);
    if (!(error instanceof TransientFailure)) throw error;
    await noteOutage(error, services);
    log.event("batch ends early", { batch: batchId, crashes: attempts.length, reason: error.message });
    return { batchId, attempts, endedEarly: error.message };
  }
}

async function endWell(progress: Progress, services: DiggerServices): Promise<BatchSummary> {
  const { batchId, attempts, stopped } = progress;
  await storeEnd(progress, services, stopped === null ? "done" : "memory", stopped?.reason ?? "done");
  const count = { batch: batchId, crashes: attempts.length };
  if (stopped === null) services.log.event("batch ends", count);
  else services.log.event("batch ends early", { ...count, left: stopped.left, reason: stopped.reason });
  return { batchId, attempts, endedEarly: stopped?.reason ?? null };
}

async function storeEnd(
  { batchId, gdbPeakBytes }: Progress,
  { state, clock, memory }: DiggerServices,
  endedAs: EndedAs,
  outcome: string,
): Promise<void> {
  await state.endBatch(batchId, { endedAs, outcome, peakBytes: memory.peakBytes(), gdbPeakBytes }, clock.now());
}

// When a full disk ends a batch, the end itself cannot be recorded either; a person is to be told of what came first.
async function noteEnd(error: unknown, services: DiggerServices, progress: Progress): Promise<void> {
  const { log } = services;
  const { batchId, attempts } = progress;
  try {
    await storeEnd(progress, services, error instanceof TransientFailure ? "away" : "failed", messageOf(error));
    if (attempts.length > 0) await endOutage(services);
  } catch (further) {
    // Only the tracker's being away is no failure, and this one must not go down with it.
    if (error instanceof TransientFailure) throw further;
    log.event("the end of the batch could not be recorded", { batch: batchId, reason: messageOf(further) });
  }
}

async function workThroughAll(
  options: BatchOptions,
  services: DiggerServices,
  controller: AbortController,
  progress: Progress,
): Promise<void> {
  const { signal } = controller;
  await catchUp(services, options.architecture, signal);
  const finished = await carryOut(services, signal);
  if (finished > 0) services.log.event("edits of an interrupted batch carried out", { count: finished });
  if (!options.dupcheckOnly) await wakeParked(services, signal);
  // Letting a parked crash go is a plan too.
  await carryOut(services, signal);
  await workThrough(await workList(options, services), options, services, controller, progress);
}

async function workThrough(
  items: readonly WorkItem[],
  options: BatchOptions,
  services: DiggerServices,
  controller: AbortController,
  progress: Progress,
): Promise<void> {
  const { clock } = services;
  const ceiling = memoryCeiling(services.memory);
  let begun = 0;
  options.watch?.({ kind: "work list", crashes: items.length });
  await inOrder<WorkItem, Dug>(
    items,
    options.jobs,
    controller,
    async (item, handOver) => {
      const startedAt = clock.monotonicMs();
      begun += 1;
      options.watch?.({ kind: "begun", crash: item.id });
      const findings = await naming(item, () => dig(item, services, controller.signal, handOver));
      return { findings, durationMs: clock.monotonicMs() - startedAt };
    },
    async (item, dug) => {
      const attempt = await naming(item, () => settle(item, dug, services, controller.signal, progress.batchId));
      progress.attempts.push(attempt);
      progress.gdbPeakBytes = largerOf(progress.gdbPeakBytes, gdbPeakOf(dug.findings));
      options.watch?.({ kind: "done", crash: item.id });
    },
    () => ceiling.reached() === null,
  );
  const reason = ceiling.reached();
  if (reason !== null && begun < items.length) progress.stopped = { reason, left: items.length - begun };
}

function gdbPeakOf(findings: Findings): number | null {
  return findings.kind === "to-compare" ? (findings.traced?.manifest.gdbPeakBytes ?? null) : null;
}

function largerOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

/** Stores the verdict and the plan, carries the plan out, and logs one line. */
async function settle(
  item: WorkItem,
  { findings, durationMs }: Dug,
  services: DiggerServices,
  signal: AbortSignal,
  batchId: number,
): Promise<Attempted> {
  const { state, clock, log } = services;
  const settlingSince = clock.monotonicMs();
  const { verdict, plan, aside, contradictions } = await conclude(item, findings, services);
  for (const contradiction of contradictions) log.event("contradiction in the duplicate database", { contradiction });
  const attempt = attemptOf(item, findings, verdict, durationMs + clock.monotonicMs() - settlingSince);
  await state.recordVerdict(batchId, attempt, plan, aside, clock.now());
  for (const crash of new Set(plan.map((planned) => planned.crash))) await carryOut(services, signal, crash);
  log.event("crash done", {
    crash: item.id,
    verdict: verdict.kind,
    master: masterOf(verdict) ?? undefined,
    reason: reasonOf(verdict) ?? undefined,
    program: attempt.program ?? undefined,
    function: attempt.topFunction ?? undefined,
    fidelity: attempt.fidelity ?? undefined,
    next: aside?.kind,
    ms: Math.round(attempt.durationMs),
  });
  return { ...attempt, aside };
}

function attemptOf(item: WorkItem, findings: Findings, verdict: Verdict, durationMs: number): Attempt {
  const traced = findings.kind === "to-compare" ? findings.traced : null;
  const fields = new Map([...(findings.header?.fields ?? []), ...(traced?.fields ?? [])]);
  return {
    crashId: item.id,
    verdict,
    program: fields.get("ExecutablePath") ?? null,
    topFunction: topFunctionOf(fields),
    fidelity: traced === null ? null : fidelitySummary(traced.modules),
    durationMs,
  };
}

// An exception out of the depths says what failed; whoever reads the mail also wants to know on which crash.
async function naming<T>(item: WorkItem, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const first = firstThrown(error);
    if (first instanceof TransientFailure || isAbort(first)) throw first;
    const remedy = first instanceof ServiceFailure ? first.remedy : undefined;
    throw new CrashFailure(item.id, messageOf(error), { cause: error, ...(remedy === undefined ? {} : { remedy }) });
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
