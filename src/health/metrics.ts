import type { Family, Sample } from "./exposition.ts";
import { gauge, momentOf } from "./metric-parts.ts";
import { recordMetrics } from "./record-metrics.ts";
import type { Health, Looked } from "./types.ts";

/**
 * How a service is doing, for Prometheus. Moments are told and not ages: a file is read later than it is written, and an age
 * in it would stand still when nobody writes it any more.
 */
export function metricsOf(health: Health, version: string): readonly Family[] {
  const { lock, records, pending, rooms, cache, newestBackup } = health;
  const parts = { lock, state: records, state_folder: rooms.state, cache_folder: rooms.cache, cache };
  const asked = {
    ...(pending === null ? {} : { tracker: pending }),
    ...(newestBackup === null ? {} : { backup: newestBackup }),
  };
  return [
    gauge("build_info", "The version of crash-digger; the value is always 1.", [{ labels: { version }, value: 1 }]),
    gauge(
      "readable",
      "Whether a part of the service could be looked at (1) or not (0).",
      readable({ ...parts, ...asked }),
    ),
    ...lockMetrics(lock),
    ...(records.kind === "seen" && records.part !== null ? recordMetrics(records.part) : []),
    gauge(
      "tracker_pending_crashes",
      "Crashes that are pending by the tracker's own word.",
      seenIn(pending).map((value) => ({ value })),
    ),
    gauge(
      "disk_free_bytes",
      "Room on the disk of a folder.",
      roomSamples(rooms, ({ freeBytes }) => freeBytes),
    ),
    gauge(
      "disk_free_files",
      "How many more files can be made on the disk of a folder.",
      roomSamples(rooms, ({ freeFiles }) => freeFiles),
    ),
    gauge(
      "cache_bytes",
      "Size of the cache of symbols and packages.",
      seenIn(cache).map(({ bytes }) => ({ value: bytes })),
    ),
    gauge(
      "cache_limit_bytes",
      "The size that the cache is kept below (symbols.max_bytes).",
      seenIn(cache).map(({ maxBytes }) => ({ value: maxBytes })),
    ),
    gauge(
      "backup_newest_timestamp_seconds",
      "When the newest backup was made.",
      seenIn(newestBackup).flatMap((time) => momentOf(time?.toISOString() ?? null)),
    ),
  ];
}

function readable(parts: Readonly<Record<string, Looked<unknown>>>): readonly Sample[] {
  return Object.entries(parts).map(([part, { kind }]) => ({ labels: { part }, value: kind === "seen" ? 1 : 0 }));
}

function lockMetrics(looked: Health["lock"]): readonly Family[] {
  if (looked.kind !== "seen") return [];
  const { part: lock } = looked;
  const states = ["free", "live", "failed", "killed", "rebooted"] as const;
  const samples = states.map((state) => ({ labels: { state }, value: lock.kind === state ? 1 : 0 }));
  const time = lock.kind === "free" ? null : lock.content.time;
  return [
    gauge(
      "lock_state",
      "1 for the state that the batches' lock is in; failed and killed: nothing runs until a person has looked.",
      samples,
    ),
    gauge("lock_timestamp_seconds", "When the lock was written.", momentOf(time)),
  ];
}

function roomSamples(
  rooms: Health["rooms"],
  pick: (room: { readonly freeBytes: number; readonly freeFiles: number | null }) => number | null,
): readonly Sample[] {
  return Object.entries(rooms).flatMap(([folder, looked]) =>
    seenIn(looked).flatMap((room) => {
      const value = pick(room);
      return value === null ? [] : [{ labels: { folder, path: room.folder }, value }];
    }),
  );
}

function seenIn<Part>(looked: Looked<Part> | null): readonly Part[] {
  return looked?.kind === "seen" ? [looked.part] : [];
}
