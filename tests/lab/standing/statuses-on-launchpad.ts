import { systemClock } from "../../../src/system/clock.ts";
import { lineLog } from "../../../src/system/log.ts";
import { BugMemory } from "../../../src/tracker/launchpad/bug-memory.ts";
import { type LaunchpadStatuses, launchpadStatuses } from "../../../src/tracker/launchpad/bulk/launchpad-statuses.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import { clientOf, type TrackerOptions } from "../tracker/launchpad-client.ts";

/**
 * A source of statuses on a loopback Launchpad, on Ubuntu unless told. It does not wait, but its clock goes on.
 *
 * @param log gets its lines
 * @param mostRequests of the run, where not as many as usual
 */
export function statusesOnLaunchpad(
  lab: LaunchpadLab,
  options: TrackerOptions = {},
  log: string[] = [],
  mostRequests?: number,
): LaunchpadStatuses {
  let waitedMs = 0;
  const clock = { now: systemClock.now, monotonicMs: () => systemClock.monotonicMs() + waitedMs };
  const client = clientOf(lab, clock, log, options);
  return launchpadStatuses(
    {
      client,
      target: options.target ?? { kind: "distribution", name: "ubuntu" },
      memory: new BugMemory(systemClock),
      log: lineLog((line) => log.push(line), systemClock, true),
      pause: async (ms) => {
        waitedMs += ms;
      },
      signal: new AbortController().signal,
    },
    lab.webUrl,
    mostRequests,
  );
}
