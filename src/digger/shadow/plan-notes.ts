import type { CrashId, Edit } from "../../tracker/types.ts";
import { readPlan, storePlan } from "./stored-plans.ts";

/** Collects what a dry run plans, and stores it crash by crash, so that no more than one crash's traces are kept. */
export class PlanNotes {
  readonly #folder: string;
  readonly #now: () => Date;
  readonly #open = new Map<CrashId, Edit[]>();
  readonly #stored = new Set<CrashId>();

  constructor(folder: string, now: () => Date) {
    this.#folder = folder;
    this.#now = now;
  }

  note(crash: CrashId, edit: Edit): void {
    const edits = this.#open.get(crash);
    if (edits === undefined) this.#open.set(crash, [edit]);
    else edits.push(edit);
  }

  /**
   * Stores what was noted. A crash that was planned earlier in this run (as new, and then a merge closes it) has one
   * plan in the end; one of an earlier run is replaced.
   */
  store(): void {
    for (const [crash, edits] of this.#open) {
      const before = this.#stored.has(crash) ? (readPlan(this.#folder, crash)?.edits ?? []) : [];
      storePlan(this.#folder, { crash, plannedAt: this.#now().toISOString(), edits: [...before, ...edits] });
      this.#stored.add(crash);
    }
    this.#open.clear();
  }
}
