import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { type Clock, isWithin } from "../../system/clock.ts";
import { messageOf } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";
import { replaceFile } from "../../system/replace-file.ts";
import { tagsThatWantTrace } from "../marks.ts";
import type { CrashId } from "../types.ts";
import { believedMs } from "./bug-memory.ts";
import { type Summary, summarySchema } from "./summary.ts";

const id = z.int().positive();
const bugSchema = z.object({
  /** What was added or taken off since is not known, but for those that want a trace. */
  tags: z.array(z.string()).readonly(),
  duplicates: z.int().nonnegative(),
  /** When it was read, in ms of the Unix epoch. */
  readAt: z.number(),
});
const masterSchema = z.object({
  id,
  /** Null when it has become a duplicate, wants a trace, or nobody knows. */
  bug: bugSchema.nullable(),
  /** What its tasks tell. */
  summary: summarySchema,
  /** Until when it is known that nothing else has changed; in ms of the Unix epoch. */
  knownAt: z.number(),
});
const fileSchema = z.object({ format: z.literal(2), target: z.string(), masters: z.array(masterSchema) });

/** A bug that is no duplicate, as far as it matters to those that may be duplicates of it. */
export type EarlierMaster = z.output<typeof masterSchema>;

export type EarlierMastersOptions = {
  /** Where they are kept. */
  readonly path: string;
  /** Whose bugs they are: those of another web service or target are forgotten. */
  readonly target: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** What a bug's tasks told, and how long ago. */
export type SummaryAsSeen = { readonly summary: Summary; readonly agoMs: number };

/** Searches for bugs that have changed since a moment. */
export type Changes = {
  /** All of them, and what their tasks tell now. */
  changedSince(since: Date): Promise<ReadonlyMap<CrashId, Summary>>;
  /** Those that are no duplicates, and have none of `tagsThatWantTrace`. */
  plainSince(since: Date): Promise<ReadonlySet<CrashId>>;
};

// Clocks differ, and what is written in one moment is searchable in the next.
const overlapMs = 3_600_000;
// Beyond that, a search for what has changed has more pages than there are masters to be asked about.
const searchableMs = 24 * 3_600_000;
// What a search for changes does not tell: how many duplicates others have added.
const oldestMs = 7 * 24 * 3_600_000;
const mostKept = 3_000;

/**
 * What batches have seen of masters, or of bugs that may become one, so that later ones need not read them again: one
 * search or two tell of all of them what has changed since. What this process has read itself is in its own memory
 * (`bug-memory.ts`), which comes first.
 */
export class EarlierMasters {
  readonly #options: EarlierMastersOptions | null;
  #read: Map<CrashId, EarlierMaster> | null = null;
  /** In ms of the Unix epoch; what was known before that, people may have changed between two batches. */
  readonly #begunAt: number;
  #isChanged = false;
  #asking: Promise<void> | null = null;

  /** @param options null to remember nothing. */
  constructor(options: EarlierMastersOptions | null) {
    this.#options = options;
    this.#begunAt = options?.clock.now().getTime() ?? 0;
  }

  // Read when it is needed: most commands open a tracker and ask for no master.
  get #masters(): Map<CrashId, EarlierMaster> {
    this.#read ??= this.#options === null ? new Map() : readMasters(this.#options);
    return this.#read;
  }

  /**
   * A master as it is, as far as this process has seen lately or a search knows; undefined when that is nothing. Without
   * `bug` it has to be read, and only its tasks need not be.
   */
  async recall(id: CrashId, changes: Changes): Promise<EarlierMaster | undefined> {
    const seen = this.#masters.get(id);
    if (this.#options === null || seen === undefined) return undefined;
    this.#keepAsLatest(seen);
    const { clock } = this.#options;
    if (seen.knownAt >= this.#begunAt && isWithin(believedMs, new Date(seen.knownAt), clock.now())) return seen;
    // Several crashes at a time ask about their masters.
    this.#asking ??= this.#ask(changes, clock).finally(() => {
      this.#asking = null;
    });
    await this.#asking;
    return this.#masters.get(id);
  }

  /** Notes what was just read of a bug that is no duplicate, if it is known what its tasks tell. */
  note(id: CrashId, bug: Omit<NonNullable<EarlierMaster["bug"]>, "readAt">, seen: SummaryAsSeen | null): void {
    if (this.#options === null) return;
    const now = this.#options.clock.now().getTime();
    const before = this.#masters.get(id);
    const told = seen === null ? undefined : { summary: seen.summary, knownAt: now - seen.agoMs };
    const latest = before === undefined || (told !== undefined && told.knownAt > before.knownAt) ? told : before;
    if (latest === undefined) return;
    this.#keepAsLatest({ id, bug: { ...bug, readAt: now }, summary: latest.summary, knownAt: latest.knownAt });
    this.#isChanged = true;
  }

  /** One duplicate more was added. */
  countDuplicate(id: CrashId): void {
    const master = this.#masters.get(id);
    if (master === undefined || master.bug === null) return;
    this.#set({ ...master, bug: { ...master.bug, duplicates: master.bug.duplicates + 1 } });
  }

  /** It is not as it was. */
  forget(id: CrashId): void {
    if (this.#masters.delete(id)) this.#isChanged = true;
  }

  /** Keeps them for later batches. A disk on which that cannot be done costs requests, and nothing else. */
  save(): void {
    if (this.#options === null || !this.#isChanged) return;
    const { path, target, log } = this.#options;
    const masters = [...this.#masters.values()].slice(-mostKept);
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      replaceFile(path, `${JSON.stringify({ format: 2, target, masters })}\n`, 0o600);
    } catch (error) {
      log.event("what was seen of masters cannot be kept for the next batch", { path, reason: messageOf(error) });
    }
  }

  async #ask(changes: Changes, clock: Clock): Promise<void> {
    const now = clock.now();
    const isOver = ({ knownAt }: EarlierMaster): boolean => !isWithin(searchableMs, new Date(knownAt), now);
    for (const master of this.#masters.values()) if (isOver(master)) this.forget(master.id);
    if (this.#masters.size === 0) return;
    const known = [...this.#masters.values()].map(({ knownAt }) => knownAt);
    const since = new Date(Math.min(...known) - overlapMs);
    const changed = await changes.changedSince(since);
    const concernsUs = [...this.#masters.keys()].some((id) => changed.has(id));
    const plain = concernsUs ? await changes.plainSince(since) : new Set<CrashId>();
    for (const master of this.#masters.values()) {
      // What this process has changed or read while it asked is newer than the answer.
      if (master.knownAt > now.getTime()) continue;
      const { id, summary } = master;
      const bug = changed.has(id) ? afterChange(master, plain) : master.bug;
      const isOld = bug === null || !isWithin(oldestMs, new Date(bug.readAt), now);
      this.#set({ id, bug: isOld ? null : bug, summary: changed.get(id) ?? summary, knownAt: now.getTime() });
    }
  }

  #keepAsLatest(master: EarlierMaster): void {
    this.#masters.delete(master.id);
    this.#masters.set(master.id, master);
  }

  #set(master: EarlierMaster): void {
    this.#masters.set(master.id, master);
    this.#isChanged = true;
  }
}

// What is still known of a bug that has changed: that it wants no trace, if it is plain.
function afterChange({ id, bug }: EarlierMaster, plain: ReadonlySet<CrashId>): EarlierMaster["bug"] {
  if (bug === null || !plain.has(id)) return null;
  return { ...bug, tags: bug.tags.filter((tag) => !tagsThatWantTrace.includes(tag)) };
}

// A cache: what cannot be read is read from Launchpad again.
function readMasters({ path, target }: EarlierMastersOptions): Map<CrashId, EarlierMaster> {
  try {
    const file = fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    if (file.target !== target) return new Map();
    return new Map(file.masters.map((master) => [master.id, master]));
  } catch {
    return new Map();
  }
}
