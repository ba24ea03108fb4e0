import { TransientFailure } from "../system/failure.ts";
import type { Tracker } from "../tracker/types.ts";
import type { DiggerServices } from "./services.ts";

/**
 * The tracker, asked again after a pause when it is away for the moment. Pauses are bounded for each call and in
 * all: then the failure is passed on, and the batch ends.
 */
export function patientTracker(
  { tracker, policy, pause, log }: Pick<DiggerServices, "tracker" | "policy" | "pause" | "log">,
  signal: AbortSignal,
): Tracker {
  let patienceMs = policy.trackerPatienceMs;

  async function patiently<T>(call: () => Promise<T>): Promise<T> {
    for (const pauseMs of policy.trackerPausesMs) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof TransientFailure) || pauseMs > patienceMs) throw error;
        patienceMs -= pauseMs;
        log.event("the tracker is away for the moment; asked again after a pause", { pauseMs, reason: error.message });
        await pause(pauseMs, signal);
      }
    }
    return await call();
  }

  const { laterFields } = tracker;
  return {
    name: tracker.name,
    ...(laterFields === undefined ? {} : { laterFields: (id) => patiently(() => laterFields(id)) }),
    pending: (architecture) => patiently(() => tracker.pending(architecture)),
    dupcheckOnly: () => patiently(() => tracker.dupcheckOnly()),
    changedSince: (since) => patiently(() => tracker.changedSince(since)),
    header: (id) => patiently(() => tracker.header(id)),
    openCore: (id) => patiently(() => tracker.openCore(id)),
    statusOf: (ids) => patiently(() => tracker.statusOf(ids)),
    tagsOf: (id) => patiently(() => tracker.tagsOf(id)),
    leftBehind: (id) => patiently(() => tracker.leftBehind(id)),
    // Every edit may be repeated; the tracker is told that this one's answer may only have been lost.
    apply: (id, edit, memory) => {
      let tries = 0;
      return patiently(() => tracker.apply(id, edit, tries++ === 0 ? memory : { maybeDone: true }));
    },
  };
}
