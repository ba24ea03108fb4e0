import type { Config } from "../config/schema.ts";
import { countDue } from "../digger/count-due.ts";
import { openState } from "../digger/state.ts";
import type { HealthSources } from "../health/read-health.ts";
import { systemClock } from "../system/clock.ts";
import { ownIdentity } from "../system/process-identity.ts";
import { nativeArchitecture, openTracker } from "./open.ts";
import { pathsOf } from "./paths.ts";

/**
 * Where monitoring looks.
 *
 * @param online whether the tracker is asked, too
 */
export function healthSources(config: Config, { online }: { readonly online: boolean }): HealthSources {
  const paths = pathsOf(config);
  return {
    lockPath: paths.lock,
    statePath: paths.state,
    folders: { state: config.state_dir, cache: config.cache_dir },
    maxCacheBytes: config.symbols.max_bytes,
    // Whatever makes backups says here when the newest one was made, where they are configured.
    newestBackup: null,
    askTracker: online ? () => pendingOnTracker(config) : null,
    identity: ownIdentity(),
    clock: systemClock,
  };
}

async function pendingOnTracker(config: Config): Promise<number> {
  await using tracker = await openTracker(config);
  const state = await openState(pathsOf(config).state);
  try {
    const due = await countDue(tracker, state, await nativeArchitecture());
    return due.retrace + due.duplicateCheck;
  } finally {
    await state.close();
  }
}
