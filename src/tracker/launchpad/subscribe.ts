import type { CrashId, EditMemory } from "../types.ts";
import { bugUrl, type Launchpad } from "./bugs.ts";
import { subscriptionSchema } from "./entries.ts";
import { absent, already, type Outcome, outcomeOf } from "./outcome.ts";

/** Subscribes a team to a bug. */
export async function subscribe(
  launchpad: Launchpad,
  id: CrashId,
  team: string,
  { maybeDone }: EditMemory,
): Promise<Outcome> {
  const { client } = launchpad;
  const person = client.url("1.0", `~${encodeURIComponent(team)}`);
  if (maybeDone) {
    const isThere = await isSubscribed(launchpad, id, person);
    if (isThere !== false) return isThere === null ? absent : already;
  }
  const isThere = async (): Promise<boolean> => (await isSubscribed(launchpad, id, person)) === true;
  return outcomeOf(await client.post(bugUrl(launchpad, id), "subscribe", { person }, isThere));
}

/** Null: the bug is gone. */
async function isSubscribed(launchpad: Launchpad, id: CrashId, person: string): Promise<boolean | null> {
  const subscriptions = await launchpad.client.list(`${bugUrl(launchpad, id)}/subscriptions`, subscriptionSchema);
  return subscriptions?.some(({ person_link }) => person_link === person) ?? null;
}
