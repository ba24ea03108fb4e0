import type { Readable } from "node:stream";

/** A crash's number in its tracker: a positive safe integer. */
export type CrashId = number;

/** What a tracker says about a crash. `fixed` with version '' means: fixed, version unknown. */
export type CrashStatus =
  | { readonly kind: "open" }
  | { readonly kind: "fixed"; readonly version: string }
  | { readonly kind: "invalid" };

/** A file kept with a crash; a size of null is one that the tracker does not tell. No core: `hasCore` tells of it. */
export type Attachment = { readonly name: string; readonly sizeBytes: number | null };

/** Everything about a crash report but its core. */
export type CrashHeader = {
  readonly id: CrashId;
  readonly title: string;
  readonly tags: readonly string[];
  readonly status: CrashStatus;
  readonly duplicateOf: CrashId | null;
  /**
   * Text fields of the report. A text attachment `NAME.txt` is the field NAME and wins over an inline one.
   * Fields whose name begins with `_` are here too, but are never shown to people. Hostile.
   */
  readonly fields: ReadonlyMap<string, string>;
  readonly attachments: readonly Attachment[];
  readonly hasCore: boolean;
  /** Left out by a tracker that has no such notion; so is `isPrivate`. */
  readonly importance?: Importance;
  readonly isPrivate?: boolean;
};

export type Importance = (typeof importances)[number];

/** From the one that nobody has judged yet upwards; Launchpad's words. */
export const importances = ["Undecided", "Wishlist", "Low", "Medium", "High", "Critical"] as const;

/** Which work a report waits for: a retrace on an architecture, or only a look for duplicates. */
export type PendingMark =
  | { readonly kind: "retrace"; readonly architecture: string }
  | { readonly kind: "duplicate-check" };

/**
 * One small change to a report. Each can be repeated without harm: those that would double something
 * (comments) carry a marker by which the tracker recognises them.
 */
export type Edit =
  | { readonly kind: "comment"; readonly marker: string; readonly subject: string; readonly body: string }
  /** A text attachment; one of the same name is replaced. */
  | { readonly kind: "attach"; readonly name: string; readonly text: string }
  | { readonly kind: "remove-attachments"; readonly names: readonly string[] }
  | { readonly kind: "remove-core" }
  | { readonly kind: "add-tags"; readonly tags: readonly string[] }
  | { readonly kind: "remove-tags"; readonly tags: readonly string[] }
  | { readonly kind: "set-status"; readonly status: CrashStatus }
  | {
      readonly kind: "set-importance";
      readonly importance: Importance;
      /** Only where nobody has judged yet: what people have set stays, and the edit answers `already`. */
      readonly ifUndecided?: true;
    }
  | { readonly kind: "set-title"; readonly title: string }
  | { readonly kind: "set-private"; readonly private: boolean }
  /** Where the crash is filed on the distribution as a whole: on this source package from now on. Else `already`. */
  | { readonly kind: "set-package"; readonly sourcePackage: string }
  | { readonly kind: "subscribe"; readonly team: string }
  /**
   * Chains stay one level deep: when `of` is itself a duplicate, its master is meant, and duplicates that
   * this crash had follow it to the master. Dropped when that would be the crash itself, or `of` is gone.
   */
  | { readonly kind: "mark-duplicate"; readonly of: CrashId }
  /**
   * Changes nothing. `done` when `mark-duplicate` would find a master as things are now, else dropped. The first edit
   * of a duplicate's plan: whatever cannot be undone comes after it. What it looks at may be some seconds old.
   */
  | { readonly kind: "check-master"; readonly of: CrashId }
  | MasterEdit
  /** Always the last edit of a plan: the crash leaves the work list. */
  | { readonly kind: "remove-pending"; readonly mark: PendingMark };

/**
 * Edits that are carried out on a duplicate and change its master: the crash that it is a duplicate of now, or is going
 * to be one of. What they do depends on the master as it is at that moment, so the tracker checks; one look at the
 * master does for all three. Dropped when there is no master, or it is gone.
 */
export type MasterEdit = MasterChange & {
  /** Who is going to be the master of a crash that is no duplicate yet; as with `mark-duplicate`. */
  readonly of?: CrashId;
};

type MasterChange =
  /**
   * If the master carries one of the tags (it wants a better trace), the texts are attached to it like `attach`
   * does, and after that all of these tags come off. Else `already`.
   */
  | {
      readonly kind: "give-trace";
      readonly ifTagged: readonly string[];
      readonly attachments: readonly { readonly name: string; readonly text: string }[];
    }
  /**
   * The master gets those of these tags that the duplicate has, and also the duplicate's tags that are the name of a
   * series under development or supported, where the tracker knows the distribution's series.
   */
  | { readonly kind: "adopt-tags"; readonly tags: readonly string[] }
  /**
   * If the master has at least so many duplicates (this one counts already) and not the tag: the team is subscribed, then
   * the tag goes on. In this order: the tag says that it is done. Else `already`.
   */
  | { readonly kind: "escalate"; readonly tag: string; readonly team: string | null; readonly from: number };

/** What became of an edit. `dropped`: this tracker has no such notion, or the edit makes no sense; the note says which. */
export type EditOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "already" }
  | { readonly kind: "dropped"; readonly note: string };

/** What became of an edit, and of those right behind it that were carried out with it, in their order. */
export type Applied = (EditOutcome | { readonly kind: "absent" }) & { readonly next?: readonly EditOutcome[] };

/** A crash that is not there (any more) is an answer, not an exception. */
type HeaderResult = { readonly kind: "header"; readonly header: CrashHeader } | { readonly kind: "absent" };

/**
 * What is known about earlier tries of an edit. `maybeDone` false: this is certainly the first one, so that a tracker
 * need not look whether a comment is there already. Without it, or true: it may have been carried out before, by a
 * process that was killed, or in a call whose answer was lost.
 */
export type EditMemory = {
  readonly maybeDone: boolean;
  /**
   * What is planned for this crash right after it. A tracker may carry the first of these out in the same step, and may say
   * what became of them (`Applied`). Those of which it says nothing are applied in their turn all the same, and are
   * `already` done then.
   */
  readonly next?: readonly Edit[];
};

/** What earlier edits of ours have left on a crash: the markers of their comments, oldest first, and whether a trace is there. */
export type LeftBehind = { readonly markers: readonly string[]; readonly isTraced: boolean };

/**
 * Where crashes come from and where answers go. Throws ServiceFailure when the tracker is broken or
 * refuses us, TransientFailure when it is away for the moment.
 */
export type Tracker = {
  readonly name: string;
  /** Open crashes that wait for a retrace on this architecture, lowest id first. Duplicates do not wait. */
  pending(architecture: string): Promise<readonly CrashId[]>;
  /** Open crashes that need only a duplicate check (no core), lowest id first. Duplicates do not wait. */
  dupcheckOnly(): Promise<readonly CrashId[]>;
  /**
   * The crashes, whatever became of them, that were filed or changed since then, lowest id first. A tracker that keeps
   * no times tells all it has.
   */
  changedSince(since: Date): Promise<readonly CrashId[]>;
  header(id: CrashId): Promise<HeaderResult>;
  /**
   * Long fields that only a retrace reads and that the header therefore lacks, where each of them costs requests.
   * A tracker without this has everything in the header.
   */
  readonly laterFields?: (id: CrashId) => Promise<ReadonlyMap<string, string>>;
  /** The core's own bytes, decoded, as a stream; null when the crash has none or is gone. */
  openCore(id: CrashId): Promise<Readable | null>;
  /** Status of many crashes at once. A crash that is gone, or a duplicate of another, is `invalid`. */
  statusOf(ids: readonly CrashId[]): Promise<ReadonlyMap<CrashId, CrashStatus>>;
  /** The tags of a crash, as they are or were a short while ago; none when it is gone. */
  tagsOf(id: CrashId): Promise<readonly string[]>;
  /** What our own earlier edits have left on a crash; nothing when it is gone. */
  leftBehind(id: CrashId): Promise<LeftBehind>;
  /**
   * Why an edit would be dropped here on any crash, null when it would not; nobody is asked. A dry run plans only what
   * would be done. A tracker without this drops none so.
   */
  readonly whyDropped?: (edit: Edit) => string | null;
  /** Carries out one edit; repeating it changes nothing. `absent`: the crash is gone. */
  apply(id: CrashId, edit: Edit, memory?: EditMemory): Promise<Applied>;
};
