import type { LockState } from "../digger/lock.ts";
import { type Judgement, measured, told } from "./judgement.ts";
import type { Limits } from "./limits.ts";
import { ageText } from "./words.ts";

/** Whether batches may run, and for how long the one under way has been running. */
export function judgeLock(lock: LockState, now: Date, limits: Limits): readonly Judgement[] {
  if (lock.kind === "free") return [];
  const { pid, time, reason } = lock.content;
  switch (lock.kind) {
    case "failed":
      return [told("critical", `stopped${time === null ? "" : ` since ${time}`}: ${firstLine(reason ?? "")}`)];
    case "killed":
      return [told("critical", `stopped: the batch with process ${pid} was killed, or died, in mid-batch`)];
    case "rebooted":
      return [told("ok", "the machine went down in mid-batch, the next batch takes over")];
    case "live":
      return [runningSince(time, now, limits)];
  }
}

// Apport's own lock has no time.
function runningSince(time: string | null, now: Date, limits: Limits): Judgement {
  const startedAt = Date.parse(time ?? "");
  if (Number.isNaN(startedAt)) return told("ok", "a batch is running");
  const age = Math.max(0, Math.round((now.getTime() - startedAt) / 1000));
  return measured("batch_age", age, limits["batch-age"], `a batch has been running for ${ageText(age)}`);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
