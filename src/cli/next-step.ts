import type { SetAside } from "../digger/state/set-aside.ts";

/** What happens next with a crash that is set aside, in a few words for a table; `-` when nothing does. */
export function nextStepOf(aside: SetAside | null): string {
  switch (aside?.kind) {
    case "parked":
      return `parked until ${toMinute(aside.until)}`;
    case "retry":
      return `retry after ${toMinute(aside.nextAt)}`;
    case "dead":
      return "dead letter";
    case "buried":
    case undefined:
      return "-";
  }
}

// `status` tells the seconds too.
function toMinute(time: string): string {
  return time.replace(/:\d\d(?:\.\d+)?Z$/, "Z");
}
