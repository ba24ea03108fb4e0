import type { CrashId, CrashStatus, Tracker } from "../../../src/tracker/types.ts";

/** A crash to be put into a tracker, the way its reporters would. */
export type SeededCrash = {
  /** Text fields of the report. ProblemType, Architecture and ExecutablePath are always given. */
  readonly fields: Readonly<Record<string, string>>;
  /** The core's bytes. */
  readonly core?: Buffer;
};

/** A tracker of one's own for one test, with the side doors that the port does not have. */
export type TrackerLab = {
  readonly tracker: Tracker;
  /** Files a crash; the tracker marks it as pending. */
  seed(crash: SeededCrash): Promise<CrashId>;
  /** An id that no crash has. */
  readonly absentId: CrashId;
  /** Bodies of the comments, oldest first, as a person sees them. */
  comments(id: CrashId): Promise<readonly string[]>;
  /** The text of an attachment, null when there is none of that name. */
  attachmentText(id: CrashId, name: string): Promise<string | null>;
  /** Says of a crash what people say of it, and whatever else makes the tracker tell this status. */
  setStatus(id: CrashId, status: CrashStatus): Promise<void>;
  /** A second client of the same tracker, as the next batch would have. */
  again(): Promise<Tracker>;
  close(): Promise<void>;
};
