/** Crash ids are the tracker's: positive integers. */
export type CrashId = number;

/** What a tracker says about a stored crash. `fixed` with version '' means: fixed, version unknown. */
export type CrashStatus =
  | { readonly kind: "open" }
  | { readonly kind: "fixed"; readonly version: string }
  | { readonly kind: "invalid" };

/** One stored crash. */
export type StoredCrash = {
  readonly id: CrashId;
  readonly signature: string;
  /** Null = open, '' = fixed in an unknown version, else the version. */
  readonly fixedVersion: string | null;
};

export type DuplicateQuestion = {
  readonly id: CrashId;
  readonly signature: string | null;
  readonly addressSignature: string | null;
  /** Version of the crashing package; null when the report does not say. */
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
