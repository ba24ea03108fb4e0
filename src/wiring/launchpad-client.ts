import { systemClock } from "../system/clock.ts";
import { pause } from "../system/pause.ts";
import { launchpadClient } from "../tracker/launchpad/client/client.ts";
import type { LaunchpadClient } from "../tracker/launchpad/client/types.ts";
import { version } from "../version.ts";
import type { TrackerSurroundings } from "./opened-tracker.ts";

type Credentials = Parameters<typeof launchpadClient>[0]["credentials"];

/** A client of the web service at `root`; without credentials one that reads what everybody may. */
export function clientFor(
  root: string,
  credentials: Credentials,
  { log, signal }: TrackerSurroundings,
): LaunchpadClient {
  return launchpadClient({
    root,
    credentials,
    userAgent: `crash-digger/${version}`,
    clock: systemClock,
    chance: Math.random,
    pause,
    log,
    signal,
  });
}
