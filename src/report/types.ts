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
    /** Text where the field must be binary (CoreDump), or bytes that are no text where it must be text. */
    | "wrong-form"
    | "unreadable";
  /** The field concerned, null before the first. Only for people: a refused key is shown in printable form. */
  readonly field: string | null;
  /** Line number in the file, from 1; of a compressed stream the line at which the fault was noticed. */
  readonly line: number;
  /** One sentence: what is wrong. */
  readonly message: string;
};

/** Something odd that does not keep the report from being used. */
export type ReportRemark = {
  readonly kind: "invalid-utf8" | "repeated-key";
  readonly field: string;
  /** Line number of the field's key, from 1. */
  readonly line: number;
};

/** A binary field that was decoded into the spool folder. */
export type SpooledField = {
  /** Absolute path of the file with the decoded bytes. */
  readonly path: string;
  readonly sizeBytes: number;
};

/** A report in memory: text fields as they are, binary fields as files. */
export type Report = {
  /**
   * In the order of the file. Keys are `[A-Za-z0-9._-]+`. A byte that is not UTF-8 stands as a lone
   * surrogate U+DC80..U+DCFF (see text-encoding.ts), so that it can be written back unchanged.
   */
  readonly fields: ReadonlyMap<string, string>;
  readonly binaries: ReadonlyMap<string, SpooledField>;
};

export type ReportResult =
  | {
      readonly ok: true;
      readonly report: Report;
      /** Keys of the binary fields that were there and not decoded (`binaries: "skip"`). */
      readonly skippedBinaries: readonly string[];
      readonly remarks: readonly ReportRemark[];
    }
  | { readonly ok: false; readonly fault: ReportFault };

/** The text fields of a text that is no file (a bug description). */
export type FieldsResult =
  | { readonly ok: true; readonly fields: ReadonlyMap<string, string>; readonly remarks: readonly ReportRemark[] }
  | { readonly ok: false; readonly fault: ReportFault };
