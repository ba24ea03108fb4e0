/** Crash ids are the tracker's: positive integers. */
export type CrashId = number;

/** What a tracker says about a stored crash. `fixed` with version '' means: fixed, version unknown. */
export type CrashStatus =
  | { readonly kind: "open" }
  | { readonly kind: "fixed"; readonly version: string }
  | { readonly kind: "invalid" };

/** Asks the tracker about many crashes at once. An id that is not in the answer keeps its stored status. */
export type StatusOf = (ids: readonly CrashId[]) => Promise<ReadonlyMap<CrashId, CrashStatus>>;

/** One stored crash. */
export type StoredCrash = {
  readonly id: CrashId;
  readonly signature: string;
  /** Null = open, '' = fixed in an unknown version, else the version. */
  readonly fixedVersion: string | null;
  /** When the row was last changed, UTC, `YYYY-MM-DD HH:MM:SS`; null when the file does not say. */
  readonly lastChange: string | null;
};

/** All that is stored about one crash. */
export type CrashDetails = StoredCrash & {
  /** Signatures of crashes that were merged into it. */
  readonly furtherSignatures: readonly string[];
  readonly addressSignatures: readonly string[];
  /** Crashes that were merged into it by checks. */
  readonly mergedFrom: readonly CrashId[];
};

export type DuplicateQuestion = {
  readonly id: CrashId;
  readonly signature: string | null;
  readonly addressSignature: string | null;
  /** Version of the crashing package; null when the report does not say. */
  readonly packageVersion: string | null;
};

/** The cheap question before a core is read: is this address signature known? */
export type AddressQuestion = {
  readonly id: CrashId;
  readonly addressSignature: string;
  readonly packageVersion: string | null;
};

/** Two stored crashes that turned out to be one: the tracker has to close `loser` as a duplicate of `master`. */
export type Merge = { readonly loser: CrashId; readonly master: CrashId };

export type DuplicateAnswer = {
  readonly verdict:
    | { readonly kind: "new" }
    | { readonly kind: "duplicate"; readonly master: CrashId }
    /** Every known crash with this signature is fixed in an older version. */
    | { readonly kind: "regression"; readonly of: CrashId }
    /** Neither signature: nothing to compare. */
    | { readonly kind: "unsigned" };
  readonly merges: readonly Merge[];
  /** An address signature claimed by several crashes: recorded and reported, not fatal. One sentence each. */
  readonly contradictions: readonly string[];
};

/** What became of a merge that a person asked for. */
export type MergeOutcome =
  | { readonly kind: "merged"; readonly merge: Merge }
  | { readonly kind: "unknown"; readonly id: CrashId }
  | { readonly kind: "same" };

/** One stored crash whose status is to be another one. */
export type StatusChange = {
  readonly id: CrashId;
  readonly signature: string;
  /** The fixed version that was stored when the tracker was asked: null = open, '' = fixed in an unknown version. */
  readonly was: string | null;
  readonly becomes:
    | { readonly kind: "open" }
    | { readonly kind: "fixed"; readonly version: string }
    | { readonly kind: "removed" };
};

/** A consolidation: up to when the stored statuses are the tracker's. */
export type Consolidated = {
  /** Which tracker, and by which way it was asked. */
  readonly source: string;
  /** When the tracker was begun to be asked: what changed there since is not known. */
  readonly heardAt: Date;
  /** The same of the last time that it was asked about every crash. */
  readonly fullAt: Date;
};

/** A crash that was decided before: what its tracker tells of it. */
export type SettledCrash = {
  readonly id: CrashId;
  readonly signature: string | null;
  readonly addressSignature: string | null;
  readonly status: CrashStatus;
  readonly duplicateOf: CrashId | null;
};
