import type { Clock } from "../../../system/clock.ts";

/** What a Retry-After header asks for (seconds, or a date), in milliseconds; null without one, or with nonsense in it. */
export function retryAfterOf(headers: Headers, clock: Clock): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Za-z]{3},/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - clock.now().getTime());
}
