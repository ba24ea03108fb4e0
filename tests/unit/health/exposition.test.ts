import { expect, test } from "vitest";
import { exposition, type Family } from "../../../src/health/exposition.ts";
import { metricsOf } from "../../../src/health/metrics.ts";
import { run } from "../../../src/system/process.ts";
import { batchRow, heldLock, makeHealth, records, seen } from "../../lab/health/make-health.ts";

/** What Prometheus's own tool says: nothing, when it is content. */
async function promtool(text: string): Promise<string> {
  const result = await run(["promtool", "check", "metrics"], { deadlineMs: 60_000, stdin: text });
  return `${result.exitCode}${result.stdout.toString("utf8")}${result.stderr}`;
}

const hostile: Family = {
  name: "crash_digger_odd_bytes",
  help: "a \\ and\na line",
  type: "gauge",
  samples: [{ labels: { path: 'C:\\"new"\n} 1', other: "\ud800é" }, value: 1.5 }],
};

test("backslashes, quotes and line breaks in a label stay inside it", async () => {
  const text = exposition([hostile]);
  expect(text).toBe(
    "# HELP crash_digger_odd_bytes a \\\\ and\\na line\n" +
      "# TYPE crash_digger_odd_bytes gauge\n" +
      'crash_digger_odd_bytes{path="C:\\\\\\"new\\"\\n} 1",other="\ufffdé"} 1.5\n',
  );
  expect(await promtool(text)).toBe("0");
});

test("a metric without a value is left out, with its help", () => {
  expect(exposition([{ ...hostile, samples: [] }])).toBe("");
});

test("Prometheus's own tool has nothing to say against the metrics of a busy service", async () => {
  const busy = records({
    queue: { crashes: 3, oldestSince: "2026-01-01T00:00:00.000Z" },
    verdicts: [
      { verdict: "new", count: 3, durationMs: 1500 },
      { verdict: "duplicate", count: 9, durationMs: 100 },
    ],
    trackerAwaySince: "2026-01-01T00:00:00.000Z",
  });
  const health = makeHealth({
    lock: heldLock("failed", "503"),
    records: seen(busy),
    pending: seen(5),
    newestBackup: seen(new Date("2026-01-01T00:00:00Z")),
  });
  const text = exposition(metricsOf(health, "1.2"));
  expect(await promtool(text)).toBe("0");
  for (const line of [
    'crash_digger_build_info{version="1.2"} 1',
    'crash_digger_lock_state{state="failed"} 1',
    'crash_digger_lock_state{state="free"} 0',
    "crash_digger_last_success_timestamp_seconds 1767354600",
    "crash_digger_last_batch_duration_seconds 120",
    'crash_digger_last_batch_peak_memory_bytes{process="crash-digger"} 134217728',
    'crash_digger_last_batch_peak_memory_bytes{process="gdb"} 67108864',
    'crash_digger_batches_total{end="done"} 7',
    "crash_digger_queue_crashes 3",
    "crash_digger_queue_oldest_timestamp_seconds 1767225600",
    'crash_digger_verdicts_total{verdict="duplicate"} 9',
    'crash_digger_verdict_duration_seconds_sum{verdict="new"} 1.5',
    'crash_digger_verdict_duration_seconds_count{verdict="new"} 3',
    'crash_digger_disk_free_bytes{folder="cache",path="/srv/cache"} 53687091200',
    "crash_digger_cache_bytes 5368709120",
    "crash_digger_backup_newest_timestamp_seconds 1767225600",
    "crash_digger_tracker_pending_crashes 5",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});

test("what cannot be read is told as such, and the rest is there", async () => {
  const broken = { kind: "broken", reason: "damaged" } as const;
  const text = exposition(metricsOf(makeHealth({ records: broken, lock: broken, newestBackup: broken }), "1"));
  expect(await promtool(text)).toBe("0");
  expect(text).toContain('crash_digger_readable{part="state"} 0\n');
  expect(text).toContain('crash_digger_readable{part="backup"} 0\n');
  expect(text).toContain('crash_digger_readable{part="cache"} 1\n');
  expect(text).not.toMatch(/lock_state|last_success|backup_newest/);
});

test("before the first batch, and of a batch that an older version noted, what is not known is left out", async () => {
  const old = batchRow({ endedAs: null, peakBytes: null, gdbPeakBytes: null });
  const text = exposition(
    metricsOf(makeHealth({ records: seen(records({ lastEnded: old, lastSuccess: null })) }), "1"),
  );
  expect(text).not.toMatch(/peak_memory|last_success/);
  expect(exposition(metricsOf(makeHealth({ records: seen(null) }), "1"))).not.toContain("crash_digger_batch");
});
