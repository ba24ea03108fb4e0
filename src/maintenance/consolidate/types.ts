import type { StatusChange } from "../../duplicates/types.ts";
import type { CrashId, CrashStatus } from "../../tracker/types.ts";

/**
 * What a source says of one crash.
 * - `fixed-in`: fixed in the version in which its distribution has this source package now (`versionsOf` tells it)
 * - `absent`: it does not know this crash
 * - `hidden`: the crash is there, or may be, but is not shown to us
 * - `unasked`: the source has been asked as much as one run may; this crash is for the next one
 */
export type HeardStatus =
  | CrashStatus
  | { readonly kind: "fixed-in"; readonly sourcePackage: string }
  | { readonly kind: "absent" | "hidden" | "unasked" };

export type Question = {
  /** Every stored crash with its fixed version (null = open). What stands as it is stored need not be looked at twice. */
  readonly stored: ReadonlyMap<CrashId, string | null>;
  /**
   * Those that were stored or changed since the first answer was heard. What the answers do not tell of them is not asked:
   * they may be newer, and what is heard of them changes nothing any more.
   */
  readonly recent: ReadonlySet<CrashId>;
  /** Of crashes that did not change since then nothing need be said; null to hear of every one. */
  readonly since: Date | null;
};

export type Heard = {
  /** A crash that is not in here did not change. */
  readonly statuses: ReadonlyMap<CrashId, HeardStatus>;
  /** Whether every stored crash was looked at. */
  readonly isFull: boolean;
};

/**
 * A way to learn how all crashes stand at once: the port of consolidation. Methods throw TransientFailure when the
 * source is away for the moment, ServiceFailure when it refuses us or answers what cannot be read.
 */
export type StatusSource = {
  /** Which tracker, and by which way: `launchpad https://api.launchpad.net/ ubuntu`. A watermark holds for its own only. */
  readonly identity: string;
  /** @param answers what an interrupted run has heard already; the same is not asked again. */
  statuses(question: Question, answers: Answers): Promise<Heard>;
  /**
   * The version in which each source package is published in the current series, null for one that is not. One that is
   * left for the next run is missing.
   */
  versionsOf(sourcePackages: readonly string[], answers: Answers): Promise<ReadonlyMap<string, string | null>>;
};

/** Answers of a source, kept until a consolidation is done, each under a key of the source's own. */
export type Answers = {
  /** Undefined when it was not heard yet. What a file held: to be checked. */
  recall(key: string): unknown;
  note(key: string, answer: unknown): void;
};

/** One difference between what is stored and what was heard. `absent`: removed because the source does not know it. */
export type Change = StatusChange & { readonly isAbsent: boolean };

/** What a consolidation found, and did. */
export type Consolidation = {
  readonly source: string;
  /** Null when every crash was asked about. */
  readonly since: Date | null;
  readonly heardAt: Date;
  readonly stored: number;
  /** By id. */
  readonly changes: readonly Change[];
  /** Crashes that are there, or may be, but are not shown to us; they stay as they are. */
  readonly hidden: readonly CrashId[];
  /** Crashes that the source was not asked about whole, since a run asks only so much; the next one does. */
  readonly postponed: readonly CrashId[];
  /** Of the changes those that were not made, because a batch or a person changed the crash meanwhile. */
  readonly changedMeanwhile: readonly CrashId[];
  /** Why the changes were not made, for a dry run; null when they would have been. */
  readonly refusal: string | null;
};
