import { setTimeout as pause } from "node:timers/promises";
import type { Death, KilledBatch } from "../killed/killed-batch.ts";
import type { LaunchpadFault } from "../launchpad/launchpad-faults.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import type { Random } from "../random.ts";
import { startBatch } from "../started-batch.ts";
import type { Desk } from "./bug-world.ts";

/** When a batch is killed: while it waits for the answer to its n-th request (carried out or not), or on its own side. */
export type Moment = Death | { readonly request: number; readonly isCarriedOut: boolean };

/** How much there is of each in a batch that nobody kills. */
export type Extent = { readonly requests: number; readonly steps: number; readonly writes: number };

/** What each batch does before it comes to its work. */
const beginning: Extent = { requests: 6, steps: 30, writes: 30 };

/** A moment in the next part of the work, so that so many kills in a row spread over all of it. */
export function someMoment(random: Random, whole: Extent, kills: number): Moment {
  const within = (of: keyof Extent): number =>
    1 + random.below(beginning[of] + Math.ceil((2 * whole[of]) / (kills + 2)));
  switch (random.below(4)) {
    case 0:
      return { step: within("steps") };
    case 1:
      return { write: within("writes") };
    default:
      return { request: within("requests"), isCarriedOut: random.below(2) === 0 };
  }
}

/** Runs a batch that is killed at this moment. @returns whether it was: it may come to its end before. */
export async function killAtMoment(
  moment: Moment,
  desk: Desk,
  launchpad: LaunchpadLab,
  batch: KilledBatch,
): Promise<boolean> {
  if (!("request" in moment)) return (await batch.killAt(moment)).signal === "SIGKILL";
  const waits = moment.isCarriedOut ? carriedOut : ({ kind: "hang" } as const);
  const end = launchpad.fault({ fault: waits, nth: moment.request });
  const before = timesUsed(launchpad, waits.kind);
  const started = startBatch(desk);
  let isOver = false;
  const ended = started.ended.finally(() => {
    isOver = true;
  });
  while (!isOver && timesUsed(launchpad, waits.kind) === before) await pause(2);
  end();
  if (!isOver) process.kill(started.pid, "SIGKILL");
  return (await ended).signal === "SIGKILL";
}

// What was asked for is done, and the answer's body never comes.
const carriedOut: LaunchpadFault = { kind: "drip", bytesPerPiece: 1, pauseMs: 3_600_000 };

function timesUsed(launchpad: LaunchpadLab, kind: LaunchpadFault["kind"]): number {
  return launchpad.faultsUsed()[kind] ?? 0;
}
