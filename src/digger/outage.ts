import { ServiceFailure, type TransientFailure } from "../system/failure.ts";
import type { DiggerServices } from "./services.ts";

const what = "tracker";

/**
 * Notes that a batch ended because the tracker was away.
 *
 * @throws ServiceFailure when no batch has got anything done for longer than the policy allows. The time is
 *   counted anew after that: whoever unlocks has seen it.
 */
export async function noteOutage(
  failure: TransientFailure,
  { state, policy, clock }: Pick<DiggerServices, "state" | "policy" | "clock">,
): Promise<void> {
  const now = clock.now();
  const since = await state.noteOutage(what, now);
  if (now.getTime() - since.getTime() <= policy.outageMs) return;
  await state.endOutage(what);
  throw new ServiceFailure(`the tracker has been away since ${since.toISOString()}: ${failure.message}`, {
    cause: failure,
    remedy: "Look whether the tracker and the network are up, and whether its address is still right.",
  });
}

/** The tracker is there again: a batch got something done, or found nothing to do. */
export async function endOutage({ state }: Pick<DiggerServices, "state">): Promise<void> {
  await state.endOutage(what);
}
