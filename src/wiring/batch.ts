import type { Config } from "../config/schema.ts";
import type { DiggerServices } from "../digger/services.ts";
import { openState } from "../digger/state.ts";
import { makeWorkFolder, sweepWorkFolders } from "../digger/work-folders.ts";
import { openDuplicates } from "../duplicates/duplicates.ts";
import { retrace } from "../retrace/retrace.ts";
import { systemClock } from "../system/clock.ts";
import { checkJail } from "../system/jail.ts";
import type { Log } from "../system/log.ts";
import { resolveLink } from "../system/resolve-link.ts";
import { nativeArchitecture, openTracker } from "./open.ts";
import { pathsOf } from "./paths.ts";
import { type WiredRetrace, wireRetrace } from "./retrace.ts";

export type WiredBatch = AsyncDisposable & { readonly architecture: string; readonly services: DiggerServices };

/**
 * Everything that a batch works with. What would fail at the first crash fails here, before any is begun: a
 * damaged database, a jail that cannot be built.
 */
export async function wireBatch(config: Config, log: Log): Promise<WiredBatch> {
  await using opened = new AsyncDisposableStack();
  const paths = pathsOf(config);
  const architecture = await nativeArchitecture();
  await checkJail();
  await sweepWorkFolders(paths.work);
  const tracker = opened.use(await openTracker(config));
  const duplicates = opened.adopt(await openDuplicates(paths.duplicates), (handle) => handle.close());
  const state = opened.adopt(await openState(paths.state), (handle) => handle.close());
  await state.integrityCheck();
  const wired = await wireRetrace(config, log);
  const services: DiggerServices = {
    tracker,
    duplicates,
    state,
    retrace: (crash, signal) => retrace(crash, wired, signal),
    whyNotOurs: (release, arch) => whyNotOurs(wired, config, release, arch),
    makeWorkFolder: () => makeWorkFolder(paths.work),
    resolveLink,
    maxCoreBytes: config.batch.max_core_bytes,
    clock: systemClock,
    log,
  };
  const everything = opened.move();
  return { architecture, services, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

// Without an archive in the ladder nothing is asked by release, so that every report is ours to try.
async function whyNotOurs(
  { archive }: WiredRetrace,
  config: Config,
  release: string | null,
  architecture: string,
): Promise<string | null> {
  if (!config.symbols.sources.includes("archive")) return null;
  const answer = await archive.releaseConfigured(release, architecture);
  return answer.configured ? null : answer.reason;
}
