import { loadConfig } from "../config/load.ts";
import { countDue, type Due } from "../digger/count-due.ts";
import { inspectLock, type LockState } from "../digger/lock.ts";
import type { BatchRow } from "../digger/state/batches.ts";
import type { FailingEdit } from "../digger/state/outbox-entries.ts";
import type { AsideCrash, SetAside } from "../digger/state/set-aside.ts";
import { openState, type State } from "../digger/state.ts";
import { systemClock } from "../system/clock.ts";
import { ownIdentity } from "../system/process-identity.ts";
import { nativeArchitecture, openTracker } from "../wiring/open.ts";
import { pathsOf } from "../wiring/paths.ts";

/** A crash that is not on the work list of the next batch, since when, and why. */
type Waiting<Kind extends SetAside["kind"]> = {
  readonly crash: number;
  readonly since: string;
} & Extract<SetAside, { kind: Kind }>;

/** How the retracer is doing; what `status --json` prints. */
export type Status = {
  readonly lock: { readonly path: string; readonly state: LockState["kind"]; readonly reason: string | null };
  /** Crashes for the next batch. */
  readonly pending: Due & {
    /** Since when batches have seen the one that waits for longest; null when none has waited through a batch. */
    readonly oldestSince: string | null;
  };
  readonly retries: readonly Waiting<"retry">[];
  readonly parked: readonly Waiting<"parked">[];
  readonly deadLetters: readonly Waiting<"dead">[];
  readonly buried: readonly Waiting<"buried">[];
  readonly openEdits: number;
  readonly failingEdits: readonly FailingEdit[];
  /** Since when the tracker has been away, as the batches saw it. */
  readonly trackerAwaySince: string | null;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly batches: readonly BatchRow[];
  /** What a batch's own process may have resident before it ends early, bytes. */
  readonly maxMemoryBytes: number;
};

/** Reads lock, tracker and `state.db`; waits for no batch. */
export async function readStatus(configPath: string | undefined): Promise<Status> {
  const config = loadConfig(configPath);
  const paths = pathsOf(config);
  const lock = inspectLock({ path: paths.lock, identity: ownIdentity() });
  await using tracker = await openTracker(config);
  const state = await openState(paths.state);
  try {
    const aside = await state.allAside();
    return {
      lock: { path: paths.lock, state: lock.kind, reason: lock.kind === "free" ? null : lock.content.reason },
      pending: {
        ...(await countDue(tracker, aside, await state.stuckCrashes(), await nativeArchitecture(), systemClock.now())),
        oldestSince: (await state.queue()).oldestSince,
      },
      retries: ofKind(aside, "retry"),
      parked: ofKind(aside, "parked"),
      deadLetters: ofKind(aside, "dead"),
      buried: ofKind(aside, "buried"),
      ...(await fromState(state)),
      maxMemoryBytes: config.batch.max_memory_bytes,
    };
  } finally {
    await state.close();
  }
}

async function fromState(state: State) {
  return {
    openEdits: await state.countOpenEntries(),
    failingEdits: await state.failingEdits(),
    trackerAwaySince: await state.outageSince("tracker"),
    verdicts: Object.fromEntries(await state.countVerdicts()),
    batches: await state.lastBatches(5),
  };
}

function ofKind<Kind extends SetAside["kind"]>(all: readonly AsideCrash[], kind: Kind): readonly Waiting<Kind>[] {
  return all.flatMap(({ crash, since, aside }) => (isOfKind(aside, kind) ? [{ crash, since, ...aside }] : []));
}

function isOfKind<Kind extends SetAside["kind"]>(
  aside: SetAside,
  kind: Kind,
): aside is Extract<SetAside, { kind: Kind }> {
  return aside.kind === kind;
}
