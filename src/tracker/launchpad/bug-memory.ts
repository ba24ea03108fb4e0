import type { Clock } from "../../system/clock.ts";
import type { CrashId } from "../types.ts";
import type { AttachmentEntry, BugEntry, SeriesEntry, TaskEntry } from "./entries.ts";

/** What was last seen of a bug; a part that was not read is missing. */
export type Seen = {
  readonly bug?: BugEntry;
  readonly attachments?: readonly AttachmentEntry[];
  readonly tasks?: readonly TaskEntry[];
  /** Its open tasks on the target, as a search for what is pending listed them. */
  readonly openTasks?: readonly TaskEntry[];
};

type Part = keyof Seen;
type Kept = { readonly value: Seen[Part]; readonly seenAtMs: number };

// A batch works on some dozens at a time; a search brings the tasks of all that wait.
const maxBugs = 20_000;

/**
 * What this process has seen of bugs lately, so that the edits of a plan need not read again what was read for the
 * report. Writing on the strength of it is safe: every PATCH carries the ETag of what was seen.
 */
export class BugMemory {
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #bugs = new Map<CrashId, Partial<Record<Part, Kept>>>();
  #series: readonly SeriesEntry[] | null = null;

  constructor(clock: Clock, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** A part of a bug as it was a short while ago; undefined when it was not seen since. */
  recall<P extends Part>(id: CrashId, part: P): Required<Seen>[P] | undefined {
    const kept = this.#bugs.get(id)?.[part];
    if (kept === undefined) return undefined;
    // The work list is as old as the batch, and so is what it says of the bugs on it.
    const isFresh = part === "openTasks" || this.#clock.monotonicMs() - kept.seenAtMs <= this.#maxAgeMs;
    return isFresh ? (kept.value as Required<Seen>[P]) : undefined;
  }

  note(id: CrashId, seen: Seen): void {
    const seenAtMs = this.#clock.monotonicMs();
    const parts = Object.entries(seen).map(([part, value]) => [part, { value, seenAtMs }] as const);
    const kept = { ...this.#bugs.get(id), ...Object.fromEntries(parts) };
    this.#bugs.delete(id);
    this.#bugs.set(id, kept);
    this.#forgetOldest();
  }

  forget(id: CrashId): void {
    this.#bugs.delete(id);
  }

  forgetPart(id: CrashId, part: Part): void {
    const kept = { ...this.#bugs.get(id) };
    delete kept[part];
    this.#bugs.set(id, kept);
  }

  /** The target's series, which a batch does not see change. */
  async series(read: () => Promise<readonly SeriesEntry[]>): Promise<readonly SeriesEntry[]> {
    this.#series ??= await read();
    return this.#series;
  }

  #forgetOldest(): void {
    for (const id of this.#bugs.keys()) {
      if (this.#bugs.size <= maxBugs) return;
      this.#bugs.delete(id);
    }
  }
}
