import type { BatchRow } from "../digger/state/batches.ts";
import type { Family, Sample } from "./exposition.ts";
import { counter, gauge, momentOf } from "./metric-parts.ts";
import type { Records } from "./types.ts";

const ends = ["done", "memory", "away", "failed"] as const;

/** What state.db tells, for Prometheus. */
export function recordMetrics(records: Records): readonly Family[] {
  const { lastEnded, lastSuccess, queue, aside } = records;
  return [
    gauge("last_success_timestamp_seconds", "When a batch last ended well.", momentOf(lastSuccess?.endedAt ?? null)),
    ...(lastEnded === null ? [] : lastBatchMetrics(lastEnded)),
    counter(
      "batches_total",
      "Batches that ended, by how they did: done, memory (early, grown too large), away (the tracker), failed.",
      ends.map((end) => ({ labels: { end }, value: records.ends.get(end) ?? 0 })),
    ),
    gauge("queue_crashes", "Crashes that wait for a batch, as the last one saw it.", [{ value: queue.crashes }]),
    gauge(
      "queue_oldest_timestamp_seconds",
      "When a batch first saw the crash that waits for longest.",
      momentOf(queue.oldestSince),
    ),
    gauge(
      "set_aside_crashes",
      "Crashes that are set aside; dead: a person has to look.",
      Object.entries(aside).map(([state, value]) => ({ labels: { state }, value })),
    ),
    gauge("open_edits", "Edits that are planned and have not reached the tracker.", [{ value: records.openEdits }]),
    gauge("stuck_crashes", "Crashes that are left alone because the tracker refuses an edit of theirs.", [
      { value: records.stuckEdits },
    ]),
    counter(
      "verdicts_total",
      "Verdicts on crashes, by kind.",
      records.verdicts.map(({ verdict, count }) => ({ labels: { verdict }, value: count })),
    ),
    {
      name: "crash_digger_verdict_duration_seconds",
      help: "How long crashes took to their verdict.",
      type: "summary",
      samples: records.verdicts.flatMap(durationSamples),
    },
    gauge(
      "tracker_away_timestamp_seconds",
      "Since when the tracker has been away.",
      momentOf(records.trackerAwaySince),
    ),
  ];
}

function lastBatchMetrics(batch: BatchRow): readonly Family[] {
  const { startedAt, endedAt, endedAs, peakBytes, gdbPeakBytes } = batch;
  const seconds = (Date.parse(endedAt ?? "") - Date.parse(startedAt)) / 1000;
  const peaks = Object.entries({ "crash-digger": peakBytes, gdb: gdbPeakBytes });
  return [
    gauge("last_batch_timestamp_seconds", "When the last batch ended, well or not.", momentOf(endedAt)),
    gauge(
      "last_batch_duration_seconds",
      "How long the last batch took.",
      Number.isNaN(seconds) ? [] : [{ value: seconds }],
    ),
    gauge(
      "last_batch_end",
      "1 for how the last batch ended.",
      ends.map((end) => ({ labels: { end }, value: endedAs === end ? 1 : 0 })),
    ),
    gauge(
      "last_batch_peak_memory_bytes",
      "Memory that was resident at most in the last batch: its own process, and the largest gdb.",
      peaks.flatMap(([process, value]) => (value === null ? [] : [{ labels: { process }, value }])),
    ),
  ];
}

function durationSamples({ verdict, count, durationMs }: Records["verdicts"][number]): readonly Sample[] {
  const labels = { verdict };
  return [
    { labels, suffix: "_sum", value: durationMs / 1000 },
    { labels, suffix: "_count", value: count },
  ];
}
