import type { Config } from "../config/schema.ts";
import { readRestoredNote, removeRestoredNote, writeRestoredNote } from "../database/restored-note.ts";
import type { BatchPolicy } from "../digger/policy.ts";
import type { DiggerServices, Restored } from "../digger/services.ts";
import { openState } from "../digger/state.ts";
import { makeWorkFolder, sweepWorkFolders } from "../digger/work-folders.ts";
import { openDuplicates } from "../duplicates/duplicates.ts";
import { retrace } from "../retrace/retrace.ts";
import type { CrashToRetrace, RetraceServices } from "../retrace/types.ts";
import { atMost } from "../system/at-most.ts";
import { systemClock } from "../system/clock.ts";
import { checkJail } from "../system/jail.ts";
import type { Log } from "../system/log.ts";
import { ownMemory } from "../system/memory.ts";
import { pause } from "../system/pause.ts";
import { resolveLink } from "../system/resolve-link.ts";
import { nativeArchitecture, openTracker } from "./open.ts";
import { jobsOf, pathsOf } from "./paths.ts";
import { planPolicyOf } from "./plan-policy.ts";
import { whyNoSources, wireRetrace } from "./retrace.ts";

type Databases = Pick<ReturnType<typeof pathsOf>, "state" | "duplicates">;

export type WiredBatch = AsyncDisposable & { readonly architecture: string; readonly services: DiggerServices };

/**
 * Everything that a batch works with. What would fail at the first crash fails here, before any is begun: a
 * damaged database, a jail that cannot be built.
 *
 * @param databases where they are, unless where the configuration says
 */
export async function wireBatch(
  config: Config,
  log: Log,
  signal: AbortSignal,
  databases: Databases = pathsOf(config),
): Promise<WiredBatch> {
  await using opened = new AsyncDisposableStack();
  const paths = pathsOf(config);
  const architecture = await nativeArchitecture();
  await checkJail();
  await sweepWorkFolders(paths.work, systemClock);
  const duplicates = opened.adopt(await openDuplicates(databases.duplicates), (handle) => handle.close());
  const state = opened.adopt(await openState(databases.state), (handle) => handle.close());
  await state.integrityCheck("unless-known");
  // Last, because the local tracker tidies up as it is opened, and nothing is written while any of them is damaged.
  const tracker = opened.use(await openTracker(config, { log, signal, checkFirst: true }));
  await tracker.integrityCheck("unless-known");
  const wired = await wireRetrace(config, log, signal);
  const seated = atMost(jobsOf(config));
  const services: DiggerServices = {
    tracker,
    duplicates,
    state,
    restored: { state: restoredOf(databases.state), duplicates: restoredOf(databases.duplicates) },
    warmDebugger: wired.warmDebugger,
    retrace: (crash, signal) => retrace(crash, seatedIn(seated, wired, crash), signal),
    whyNotOurs: (release, arch) => whyNoSources(wired, config, release, arch),
    buildIdsKnown: async (...question) =>
      config.symbols.sources.includes("archive") ? await wired.archive.buildIdsKnown(...question) : null,
    makeWorkFolder: () => makeWorkFolder(paths.work),
    resolveLink,
    maxCoreBytes: config.batch.max_core_bytes,
    memory: { ...ownMemory, maxBytes: config.batch.max_memory_bytes },
    policy: policyOf(config),
    planPolicy: planPolicyOf(config),
    pause,
    clock: systemClock,
    log,
  };
  const everything = opened.move();
  return { architecture, services, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

// While gdb reads one crash the next one's core and files are fetched; its own gdb starts, and waits for a seat.
function seatedIn(
  seated: ReturnType<typeof atMost>,
  wired: RetraceServices,
  { onDebugging }: CrashToRetrace,
): RetraceServices {
  return {
    ...wired,
    debugCore: (...task) =>
      seated(async () => {
        onDebugging?.();
        return await wired.debugCore(...task);
      }),
  };
}

function restoredOf(path: string): Restored | null {
  const note = readRestoredNote(path);
  if (note === null) return null;
  return { note, settled: (next) => (next === null ? removeRestoredNote(path) : writeRestoredNote(path, next)) };
}

function policyOf({ batch }: Config): BatchPolicy {
  return {
    retryDelayMs: batch.retry_delay_s * 1000,
    retryFactor: batch.retry_factor,
    maxAttempts: batch.max_attempts,
    parkedMs: batch.parked_days * 24 * 3600 * 1000,
    outageMs: batch.outage_s * 1000,
    trackerPausesMs: [1_000, 5_000, 25_000],
    trackerPatienceMs: 5 * 60_000,
  };
}
