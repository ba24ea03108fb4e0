import type { Log } from "../system/log.ts";
import type { Tracker } from "../tracker/types.ts";

/** A tracker to be used with `await using`; what would fail at the first crash, `integrityCheck` finds before. */
export type OpenedTracker = Tracker &
  AsyncDisposable & { integrityCheck(depth?: "full" | "unless-known"): Promise<void> };

/** What a tracker that is far away needs beside its settings. */
export type TrackerSurroundings = {
  readonly log: Log;
  /** Whether a database of its own is checked before anything is written into it. */
  readonly checkFirst?: true;
  /** Ends what is waiting for an answer. */
  readonly signal: AbortSignal;
};
