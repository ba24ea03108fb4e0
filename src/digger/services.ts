import type { RestoredNote } from "../database/restored-note.ts";
import type {
  AddressQuestion,
  DuplicateAnswer,
  DuplicateQuestion,
  SettledCrash,
  StatusOf,
} from "../duplicates/types.ts";
import type { CrashToRetrace, RetraceResult, RetraceServices } from "../retrace/types.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import type { CrashId, PendingMark, Tracker } from "../tracker/types.ts";
import type { BatchMemory } from "./batch-memory.ts";
import type { PlanPolicy } from "./plan-policy.ts";
import type { BatchPolicy } from "./policy.ts";
import type { State } from "./state.ts";

/** The part of the duplicate database that a batch uses. */
export type BatchDuplicates = {
  check(question: DuplicateQuestion, statusOf: StatusOf): Promise<DuplicateAnswer>;
  lookupAddress(question: AddressQuestion, statusOf: StatusOf): Promise<CrashId | null>;
  learn(crash: SettledCrash): Promise<boolean>;
};

/** What a database lacks that was put back from a backup, until a batch has caught up. */
export type Restored = {
  readonly note: RestoredNote;
  /** The batch has caught up; null: nothing is missing any more. */
  settled(note: RestoredNote | null): void;
};

/** A folder of one crash alone; removed with everything in it when the crash is done. */
export type WorkFolder = AsyncDisposable & { readonly path: string };

/** Everything a batch works with; built once in wiring.ts. */
export type DiggerServices = {
  readonly tracker: Tracker;
  readonly duplicates: BatchDuplicates;
  readonly state: State;
  /** Databases that were put back from a backup since the last batch. */
  readonly restored?: { readonly state: Restored | null; readonly duplicates: Restored | null };
  readonly warmDebugger: RetraceServices["warmDebugger"];
  readonly retrace: (crash: CrashToRetrace, signal: AbortSignal) => Promise<RetraceResult>;
  /** Why nothing can be done for a release (null where a report names none), or null when it is configured. */
  readonly whyNotOurs: (release: string | null, architecture: string) => Promise<string | null>;
  /** Which of these build-ids the release's packages list now; null when no archive is asked for symbols. */
  readonly buildIdsKnown: (
    release: string | null,
    architecture: string,
    buildIds: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlySet<string> | null>;
  readonly makeWorkFolder: () => Promise<WorkFolder>;
  /** Resolves a path that is a symbolic link on this machine (for Python signatures). */
  readonly resolveLink: (path: string) => string;
  readonly maxCoreBytes: number;
  readonly memory: BatchMemory;
  readonly policy: BatchPolicy;
  readonly planPolicy: PlanPolicy;
  /** Waits; rejects at once when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

/** One crash on the work list, and what it waits for. */
export type WorkItem = { readonly id: CrashId; readonly mark: PendingMark };
