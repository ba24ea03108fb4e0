import type { CrashId, CrashStatus, Edit, Tracker } from "../../tracker/types.ts";

/**
 * A tracker that is only read. Edits are handed to `planned` instead, and answered as if they had been carried out;
 * what they would close counts as closed, so that later crashes are compared as in a real batch.
 */
export function shadowTracker(tracker: Tracker, planned: (crash: CrashId, edit: Edit) => void): Tracker {
  const changed = new Map<CrashId, CrashStatus>();
  return {
    ...tracker,
    async statusOf(ids) {
      const statuses = new Map(await tracker.statusOf(ids));
      for (const id of ids) statuses.set(id, changed.get(id) ?? statuses.get(id) ?? { kind: "invalid" });
      return statuses;
    },
    async apply(id, edit) {
      const note = tracker.whyDropped?.(edit) ?? null;
      if (note !== null) return { kind: "dropped", note };
      // It changes nothing, so that there is nothing to see or to compare.
      if (edit.kind === "check-master") return { kind: "done" };
      planned(id, edit);
      // A duplicate's status is `invalid`, as the port has it.
      if (edit.kind === "mark-duplicate") changed.set(id, { kind: "invalid" });
      if (edit.kind === "set-status") changed.set(id, edit.status);
      return { kind: "done" };
    },
  };
}
