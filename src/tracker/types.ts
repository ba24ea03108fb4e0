import type { Readable } from "node:stream";

/** A crash's number in its tracker: a positive safe integer. */
export type CrashId = number;

/** What a tracker says about a crash. `fixed` with version '' means: fixed, version unknown. */
export type CrashStatus =
  | { readonly kind: "open" }
  | { readonly kind: "fixed"; readonly version: string }
  | { readonly kind: "invalid" };

/** A file kept with a crash. The core is never listed among them: `hasCore` tells. */
export type Attachment = { readonly name: string; readonly sizeBytes: number };

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
};

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
      readonly importance: "Undecided" | "Wishlist" | "Low" | "Medium" | "High" | "Critical";
    }
  | { readonly kind: "set-title"; readonly title: string }
  | { readonly kind: "set-private"; readonly private: boolean }
  | { readonly kind: "set-package"; readonly sourcePackage: string }
  | { readonly kind: "subscribe"; readonly team: string }
  /**
   * Chains stay one level deep: when `of` is itself a duplicate, its master is meant, and duplicates that
   * this crash had follow it to the master. Dropped when that would be the crash itself, or `of` is gone.
   */
  | { readonly kind: "mark-duplicate"; readonly of: CrashId }
  /** Always the last edit of a plan: the crash leaves the work list. */
  | { readonly kind: "remove-pending"; readonly mark: PendingMark };

/** What became of an edit. `dropped`: this tracker has no such notion, or the edit makes no sense; the note says which. */
export type EditOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "already" }
  | { readonly kind: "dropped"; readonly note: string };

/** A crash that is not there (any more) is an answer, not an exception. */
type HeaderResult = { readonly kind: "header"; readonly header: CrashHeader } | { readonly kind: "absent" };

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
  header(id: CrashId): Promise<HeaderResult>;
  /** The core's own bytes, decoded, as a stream; null when the crash has none or is gone. */
  openCore(id: CrashId): Promise<Readable | null>;
  /** Status of many crashes at once. A crash that is gone, or a duplicate of another, is `invalid`. */
  statusOf(ids: readonly CrashId[]): Promise<ReadonlyMap<CrashId, CrashStatus>>;
  /** Carries out one edit; repeating it changes nothing. `absent`: the crash is gone. */
  apply(id: CrashId, edit: Edit): Promise<EditOutcome | { readonly kind: "absent" }>;
};
