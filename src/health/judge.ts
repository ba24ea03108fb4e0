import { sizeText } from "../system/size-text.ts";
import { judgeLock } from "./judge-lock.ts";
import { type Judgement, measured, told } from "./judgement.ts";
import type { Limits } from "./limits.ts";
import type { Health, Looked, Records } from "./types.ts";
import { ageText, countText } from "./words.ts";

/** Holds what was seen against the limits, part by part. */
export function judge(health: Health, limits: Limits): readonly Judgement[] {
  return [
    ...judgePart("lock", health.lock, (lock) => judgeLock(lock, health.now, limits)),
    ...judgePart("state.db", health.records, (records) =>
      records === null ? [told("warning", "no batch has run yet")] : judgeRecords(records, health, limits),
    ),
    ...(health.pending === null ? [] : judgePart("tracker", health.pending, (count) => [queueOf(count, limits)])),
    ...judgeBackup(health, limits),
    ...(["state", "cache"] as const).flatMap((name) =>
      judgePart(`${name} folder`, health.rooms[name], ({ freeBytes, freeFiles, folder }) => {
        const words = `${sizeText(freeBytes)} free for ${folder}`;
        const room = measured(`disk_free_${name}`, freeBytes, limits["disk-free"], words);
        const isFull = freeFiles !== null && freeFiles < fewestFiles;
        return isFull ? [room, told("critical", `only ${freeFiles} more files can be made for ${folder}`)] : [room];
      }),
    ),
    ...judgePart("cache", health.cache, ({ bytes, maxBytes }) => {
      const percent = Math.round((100 * bytes) / maxBytes);
      return [measured("cache", percent, limits.cache, `the cache is filled to ${percent}%`)];
    }),
  ];
}

const fewestFiles = 10_000;

function judgePart<Part>(
  name: string,
  looked: Looked<Part>,
  judgeSeen: (part: Part) => readonly Judgement[],
): readonly Judgement[] {
  if (looked.kind === "seen") return judgeSeen(looked.part);
  return [told(looked.kind === "broken" ? "critical" : "unknown", `${name}: ${looked.reason}`)];
}

function judgeRecords(records: Records, { now, pending }: Health, limits: Limits): readonly Judgement[] {
  const { queue, aside, stuckEdits, lastEnded, trackerAwaySince } = records;
  const oldest = queue.oldestSince === null ? 0 : secondsSince(queue.oldestSince, now);
  return [
    judgeSuccess(records, now, limits),
    ...(lastEnded?.endedAs === "memory"
      ? [told("warning", `batch ${lastEnded.id} ended early: ${lastEnded.outcome}`)]
      : []),
    ...(trackerAwaySince === null
      ? []
      : [told("ok", `the tracker has been away for ${ageText(secondsSince(trackerAwaySince, now))}`)]),
    ...(pending === null ? [queueOf(queue.crashes, limits)] : []),
    measured("oldest_pending", oldest, limits["oldest-pending"], `the oldest waits for ${ageText(oldest)}`),
    measured("dead_letters", aside.dead, limits["dead-letters"], countText(aside.dead, "dead letter")),
    measured(
      "stuck_edits",
      stuckEdits,
      limits["stuck-edits"],
      `edits of ${countText(stuckEdits, "crash", "crashes")} refused`,
    ),
    ...(lastEnded?.peakBytes == null ? [] : [measured("batch_memory", lastEnded.peakBytes, unlimitedBytes, "")]),
  ];
}

const unlimitedBytes = { unit: "bytes", wrong: "above", warning: null, critical: null } as const;

function judgeSuccess({ lastSuccess }: Records, now: Date, limits: Limits): Judgement {
  if (lastSuccess?.endedAt == null) return told("warning", "no batch has ended well yet");
  const age = secondsSince(lastSuccess.endedAt, now);
  return {
    ...measured("success_age", age, limits["success-age"], `last success ${ageText(age)} ago`),
    isHeadline: true,
  };
}

function queueOf(crashes: number, limits: Limits): Judgement {
  return { ...measured("queue", crashes, limits.queue, `${crashes} pending`), isHeadline: true };
}

function judgeBackup({ newestBackup, now }: Health, limits: Limits): readonly Judgement[] {
  if (newestBackup === null) return [];
  return judgePart("backup", newestBackup, (newest) => {
    if (newest === null) return [told("critical", "there is no backup")];
    const age = secondsSince(newest.toISOString(), now);
    return [measured("backup_age", age, limits["backup-age"], `newest backup ${ageText(age)} old`)];
  });
}

/** Whole seconds; none when the clock was set back meanwhile. */
function secondsSince(time: string, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));
}
