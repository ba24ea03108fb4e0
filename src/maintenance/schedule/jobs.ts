import type { Schedule } from "./schedule.ts";

/** When a job runs, in local time. */
export type JobTime =
  | { readonly kind: "every"; readonly minutes: number }
  | { readonly kind: "hourly"; readonly minute: number }
  | { readonly kind: "daily"; readonly hour: number; readonly minute: number };

export type Job = {
  /** Of its unit: `crash-digger-NAME`; the batch's has none. */
  readonly name: string | null;
  readonly description: string;
  /** After `crash-digger`. */
  readonly words: readonly string[];
  readonly time: JobTime;
};

const dayMinutes = 24 * 60;

/**
 * What runs regularly. The reports that need a duplicate check alone have no job of their own: a batch does both kinds
 * (decision 7). The backup comes before the consolidation, which changes much at once.
 */
export function jobsOf({ everyMin, dailyAt, publishDir }: Schedule): readonly Job[] {
  const first = minuteOfDay(dailyAt);
  const daily = (laterMin: number): JobTime => {
    const at = (first + laterMin) % dayMinutes;
    return { kind: "daily", hour: Math.floor(at / 60), minute: at % 60 };
  };
  return [
    {
      name: null,
      description: "work through the pending crashes",
      words: ["run"],
      time: { kind: "every", minutes: everyMin },
    },
    { name: "backup", description: "back the databases up", words: ["backup"], time: daily(0) },
    {
      name: "consolidate",
      description: "bring the duplicate database up to date with the tracker",
      words: ["dupdb", "consolidate"],
      time: daily(30),
    },
    { name: "prune", description: "keep the cache within its limit", words: ["cache", "prune"], time: daily(60) },
    ...(publishDir === null ? [] : [publishJob(publishDir, first % 60)]),
  ];
}

function publishJob(folder: string, minute: number): Job {
  return {
    name: "publish",
    description: "publish the duplicate database",
    words: ["dupdb", "publish", folder],
    time: { kind: "hourly", minute },
  };
}

function minuteOfDay(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}
