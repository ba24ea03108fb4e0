import type { Clock } from "../../system/clock.ts";
import type { CrashId } from "../types.ts";
import type { AttachmentEntry, BugEntry, SeriesEntry, TaskEntry } from "./entries.ts";

/** What was last seen of a bug; a part that was not read is missing. */
export type Seen = {
  readonly bug?: BugEntry;
  readonly attachments?: readonly AttachmentEntry[];
  readonly tasks?: readonly TaskEntry[];
  /** Its open and fixed tasks on the target, as a search for what is pending listed them. */
  readonly listed?: readonly TaskEntry[];
};

type Part = keyof Seen;
type Kept = { readonly value: Seen[Part]; readonly seenAtMs: number };

type Memory = Map<CrashId, Partial<Record<Part, Kept>>>;

/**
 * How long what was seen is believed, in ms: as long as gdb may take, so that the edits after a retrace know what its
 * beginning saw.
 */
export const believedMs = 10 * 60_000;

/** A search lists the tasks of all that wait, which are short. */
const maxListed = 20_000;
/** Descriptions may have 50,000 characters. A batch works on some dozens of bugs at a time, and comes back to masters. */
const maxRead = 200;

/**
 * What this process has seen of bugs lately, so that the edits of a plan need not read again what was read for the
 * report. Writing on the strength of it is safe: every PATCH carries the ETag of what was seen. What is forgotten is
 * read once more.
 */
export class BugMemory {
  readonly #clock: Clock;
  readonly #listed: Memory = new Map();
  readonly #read: Memory = new Map();
  #series: readonly SeriesEntry[] | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A part of a bug as it was a short while ago; undefined when it was not seen since. The work list is as old as the
   * batch, and so is what it says of the bugs on it.
   *
   * @param maxAgeMs for whoever needs it fresher than that
   */
  recall<P extends Part>(
    id: CrashId,
    part: P,
    maxAgeMs = part === "listed" ? Number.POSITIVE_INFINITY : believedMs,
  ): Required<Seen>[P] | undefined {
    const memory = this.#memoryOf(part);
    const parts = memory.get(id);
    const kept = parts?.[part];
    if (parts === undefined || kept === undefined) return undefined;
    if (this.#clock.monotonicMs() - kept.seenAtMs > maxAgeMs) return undefined;
    keepAsLatest(memory, id, parts);
    return kept.value as Required<Seen>[P];
  }

  /** How long ago a part was seen; undefined when it is not known any more. */
  ageMs(id: CrashId, part: Part): number | undefined {
    const kept = this.#memoryOf(part).get(id)?.[part];
    return kept === undefined ? undefined : this.#clock.monotonicMs() - kept.seenAtMs;
  }

  note(id: CrashId, seen: Seen): void {
    const seenAtMs = this.#clock.monotonicMs();
    for (const [part, value] of Object.entries(seen) as [Part, Seen[Part]][]) {
      const memory = this.#memoryOf(part);
      keepAsLatest(memory, id, { ...memory.get(id), [part]: { value, seenAtMs } });
      forgetOldest(memory, part === "listed" ? maxListed : maxRead);
    }
  }

  forget(id: CrashId): void {
    this.#listed.delete(id);
    this.#read.delete(id);
  }

  forgetPart(id: CrashId, part: Part): void {
    const kept = { ...this.#memoryOf(part).get(id) };
    delete kept[part];
    this.#memoryOf(part).set(id, kept);
  }

  /** The target's series, which a batch does not see change. */
  async series(read: () => Promise<readonly SeriesEntry[]>): Promise<readonly SeriesEntry[]> {
    this.#series ??= await read();
    return this.#series;
  }

  #memoryOf(part: Part): Memory {
    return part === "listed" ? this.#listed : this.#read;
  }
}

function keepAsLatest(memory: Memory, id: CrashId, parts: Partial<Record<Part, Kept>>): void {
  memory.delete(id);
  memory.set(id, parts);
}

function forgetOldest(memory: Memory, most: number): void {
  for (const id of memory.keys()) {
    if (memory.size <= most) return;
    memory.delete(id);
  }
}
