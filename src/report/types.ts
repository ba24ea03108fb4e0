/** Where a report deviates from the format. */
export type ReportFault = {
  readonly kind:
    | "empty"
    | "bad-first-line"
    | "bad-line"
    | "bad-key"
    | "bad-text"
    | "bad-base64"
    | "bad-compression"
    | "truncated"
    | "too-large"
    | "too-many-fields"
    | "unreadable";
  /** The field concerned, null before the first. */
  readonly field: string | null;
  /** Line number in the file, from 1. */
  readonly line: number;
  /** One sentence: what is wrong. */
  readonly message: string;
};

/** A binary field that was decoded into the spool folder. */
export type SpooledField = {
  /** Absolute path of the file with the decoded bytes. */
  readonly path: string;
  readonly sizeBytes: number;
};

/** A report in memory: text fields as they are, binary fields as files. */
export type Report = {
  /** In the order of the file. Keys are `[A-Za-z0-9._-]+`. */
  readonly fields: ReadonlyMap<string, string>;
  readonly binaries: ReadonlyMap<string, SpooledField>;
};

export type ReportResult =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly fault: ReportFault };
