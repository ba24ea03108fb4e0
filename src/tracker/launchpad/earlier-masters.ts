import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { type Clock, isWithin } from "../../system/clock.ts";
import { messageOf } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";
import { replaceFile } from "../../system/replace-file.ts";
import type { CrashId } from "../types.ts";
import { summarySchema } from "./summary.ts";

const id = z.int().positive();
const masterSchema = z.object({
  id,
  tags: z.array(z.string()).readonly(),
  duplicates: z.int().nonnegative(),
  /** What its tasks told. */
  summary: summarySchema,
  /** When it was read, and until when it is known that nothing has changed since; in ms of the Unix epoch. */
  readAt: z.number(),
  knownAt: z.number(),
});
const fileSchema = z.object({ format: z.literal(1), target: z.string(), masters: z.array(masterSchema) });

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

/** Which bugs have changed since a moment. */
export type ChangedSince = (since: Date) => Promise<readonly CrashId[]>;

// Clocks differ, and what is written in one moment is searchable in the next.
const overlapMs = 3_600_000;
// As long as a batch believes what it has seen itself.
const freshMs = 10 * 60_000;
// Beyond that, a search for what has changed has more pages than there are masters to be asked about.
const searchableMs = 6 * 3_600_000;
// What a search for changes does not tell: how many duplicates others have added.
const oldestMs = 24 * 3_600_000;
const mostKept = 2_000;

/**
 * What earlier batches have read of masters, so that the first duplicate of each batch need not read its master again:
 * one search tells of all of them whether they have changed since. What this process has read itself is in its own memory
 * (`bug-memory.ts`), which comes first.
 */
export class EarlierMasters {
  readonly #options: EarlierMastersOptions | null;
  #read: Map<CrashId, EarlierMaster> | null = null;
  #isChanged = false;
  #asking: Promise<void> | null = null;
  #askedAt: Date | null = null;

  /** @param options null to remember nothing. */
  constructor(options: EarlierMastersOptions | null) {
    this.#options = options;
  }

  // Read when it is needed: most commands open a tracker and ask for no master.
  get #masters(): Map<CrashId, EarlierMaster> {
    this.#read ??= this.#options === null ? new Map() : readMasters(this.#options);
    return this.#read;
  }

  /** A master as it is, as far as a search knows; undefined when it was not read lately, or has changed. */
  async recall(id: CrashId, changedSince: ChangedSince): Promise<EarlierMaster | undefined> {
    if (this.#options === null || !this.#masters.has(id)) return undefined;
    const { clock } = this.#options;
    // Several crashes at a time ask about their masters.
    if (this.#askedAt === null || !isWithin(freshMs, this.#askedAt, clock.now())) {
      this.#asking ??= this.#ask(changedSince, clock).finally(() => {
        this.#asking = null;
      });
      await this.#asking;
    }
    return this.#masters.get(id);
  }

  /** Notes what was just read of a bug that is no duplicate. */
  note(master: Omit<EarlierMaster, "readAt" | "knownAt">): void {
    if (this.#options === null) return;
    const now = this.#options.clock.now().getTime();
    this.forget(master.id);
    this.#set({ ...master, readAt: now, knownAt: now });
  }

  /** One duplicate more was added. */
  countDuplicate(id: CrashId): void {
    const master = this.#masters.get(id);
    if (master !== undefined) this.#set({ ...master, duplicates: master.duplicates + 1 });
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
      replaceFile(path, `${JSON.stringify({ format: 1, target, masters })}\n`, 0o600);
    } catch (error) {
      log.event("what was seen of masters cannot be kept for the next batch", { path, reason: messageOf(error) });
    }
  }

  async #ask(changedSince: ChangedSince, clock: Clock): Promise<void> {
    const now = clock.now();
    const isOver = ({ readAt, knownAt }: EarlierMaster): boolean =>
      !isWithin(oldestMs, new Date(readAt), now) || !isWithin(searchableMs, new Date(knownAt), now);
    for (const master of this.#masters.values()) if (isOver(master)) this.forget(master.id);
    if (this.#masters.size === 0) return;
    const known = [...this.#masters.values()].map(({ knownAt }) => knownAt);
    for (const id of await changedSince(new Date(Math.min(...known) - overlapMs))) this.forget(id);
    this.#askedAt = now;
    for (const master of this.#masters.values()) {
      this.#set({ ...master, knownAt: Math.max(now.getTime(), master.knownAt) });
    }
  }

  #set(master: EarlierMaster): void {
    this.#masters.set(master.id, master);
    this.#isChanged = true;
  }
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
