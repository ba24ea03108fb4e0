import type { Tracker } from "../../tracker/types.ts";
import type { StatusSource } from "./types.ts";

/**
 * A tracker that is asked about every crash each time, for one that is near and quick. It says `invalid` of what it does
 * not know too.
 *
 * @param place where the tracker is, for the source's name.
 */
export function statusesFromTracker(tracker: Pick<Tracker, "name" | "statusOf">, place: string): StatusSource {
  return {
    identity: `${tracker.name} ${place}`,
    statuses: async ({ stored }) => ({ statuses: await tracker.statusOf([...stored.keys()]), isFull: true }),
    versionsOf: async () => new Map(),
  };
}
