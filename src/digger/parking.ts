import type { CrashId } from "../tracker/types.ts";
import type { PlannedEdit } from "./plan.ts";
import { planForLettingGo } from "./plan-giving-up.ts";
import type { DiggerServices } from "./services.ts";
import type { SetAside } from "./state/set-aside.ts";

type Parked = Extract<SetAside, { kind: "parked" }>;
type ParkedCrash = { readonly crash: CrashId; readonly aside: Parked };

/**
 * Looks after the parked crashes at the start of a batch: those of which a package now lists a build-id go back
 * to the work list, where the tracker has had them all along; those whose time is over are let go with a note.
 */
export async function wakeParked(services: DiggerServices, signal: AbortSignal): Promise<void> {
  const { state, clock, log } = services;
  const all = await state.allAside();
  const parked = all.flatMap(({ crash, aside }) => (aside.kind === "parked" ? [{ crash, aside }] : []));
  const awake = new Set<CrashId>();
  for (const group of sameIndex(parked))
    for (const crash of await awakeAmong(group, services, signal)) awake.add(crash);
  for (const crash of awake) log.event("debug symbols appeared for a parked crash", { crash });
  await state.forgetAside([...awake]);
  const now = clock.now();
  for (const { crash, aside } of parked) {
    if (awake.has(crash) || Date.parse(aside.until) > now.getTime()) continue;
    log.event("parked crash let go: its debug symbols did not appear in time", { crash });
    await state.recordAside(crash, null, letGo(crash, aside, services), now);
  }
}

/** Groups of crashes whose build-ids one index lists. */
function sameIndex(parked: readonly ParkedCrash[]): Iterable<readonly ParkedCrash[]> {
  return Map.groupBy(parked, ({ aside }) => JSON.stringify([aside.release, aside.architecture])).values();
}

async function awakeAmong(
  group: readonly ParkedCrash[],
  services: DiggerServices,
  signal: AbortSignal,
): Promise<readonly CrashId[]> {
  const first = group[0];
  if (first === undefined) return [];
  const { release, architecture } = first.aside;
  const buildIds = group.flatMap(({ aside }) => aside.modules.map((module) => module.buildId));
  const known = await services.buildIdsKnown(release, architecture, buildIds, signal);
  if (known === null) return [];
  return group
    .filter(({ aside }) => aside.modules.some((module) => known.has(module.buildId)))
    .map(({ crash }) => crash);
}

function letGo(crash: CrashId, aside: Parked, { planPolicy }: DiggerServices): readonly PlannedEdit[] {
  return planForLettingGo(
    crash,
    aside.markTag,
    aside.modules.map((module) => module.path),
    planPolicy.texts,
  );
}
