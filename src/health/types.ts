import type { LockState } from "../digger/lock.ts";
import type { BatchRow, EndedAs } from "../digger/state/batches.ts";
import type { Queue } from "../digger/state/queue.ts";
import type { SetAside } from "../digger/state/set-aside.ts";
import type { VerdictTotal } from "../digger/state/totals.ts";
import type { DiskRoom } from "../system/disk-room.ts";

/**
 * What came of looking at one part of the service.
 * - `broken`: it cannot be read, and a batch would stop there too
 * - `unseen`: we may not look (another user's), or nobody answers for the moment
 */
export type Looked<Part> =
  | { readonly kind: "seen"; readonly part: Part }
  | { readonly kind: "broken" | "unseen"; readonly reason: string };

/** What state.db tells. */
export type Records = {
  readonly lastEnded: BatchRow | null;
  readonly lastSuccess: BatchRow | null;
  readonly ends: ReadonlyMap<EndedAs, number>;
  readonly queue: Queue;
  readonly aside: Readonly<Record<SetAside["kind"], number>>;
  readonly openEdits: number;
  /** Crashes that are left alone because the tracker refuses an edit of theirs. */
  readonly stuckEdits: number;
  readonly verdicts: readonly VerdictTotal[];
  readonly trackerAwaySince: string | null;
};

/** How a service is doing, at one moment. */
export type Health = {
  readonly now: Date;
  readonly lock: Looked<LockState>;
  /** Null when there is no state.db: no batch has run yet. */
  readonly records: Looked<Records | null>;
  /** Crashes that are pending by the tracker's own word; null when it was not asked. */
  readonly pending: Looked<number> | null;
  readonly rooms: Readonly<Record<"state" | "cache", Looked<DiskRoom & { readonly folder: string }>>>;
  readonly cache: Looked<{ readonly bytes: number; readonly maxBytes: number }>;
  /** The newest backup's time, null in it when there is none; null where no backups are configured. */
  readonly newestBackup: Looked<Date | null> | null;
};
