import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { countDue } from "../digger/count-due.ts";
import { openState } from "../digger/state.ts";
import type { HealthSources } from "../health/read-health.ts";
import { storedBackups } from "../maintenance/backup/stored-backups.ts";
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
    newestBackup: areWanted(config) ? async () => (await storedBackups(paths.backups))[0]?.takenAt ?? null : null,
    askTracker: online ? () => pendingOnTracker(config) : null,
    identity: ownIdentity(),
    clock: systemClock,
  };
}

// Nobody has to make backups: they are missed where somebody has said where to, or made one.
function areWanted(config: Config): boolean {
  return config.backup.dir !== undefined || existsSync(pathsOf(config).backups);
}

// Looking makes nothing: neither a tracker nor a state.db, which would belong to whoever looks.
async function pendingOnTracker(config: Config): Promise<number> {
  const paths = pathsOf(config);
  if (config.tracker.type === "local" && !existsSync(join(paths.tracker, "tracker.db"))) return 0;
  await using tracker = await openTracker(config);
  const state = existsSync(paths.state) ? await openState(paths.state) : null;
  try {
    const aside = (await state?.allAside()) ?? [];
    const stuck = (await state?.stuckCrashes()) ?? new Set();
    const due = await countDue(tracker, aside, stuck, await nativeArchitecture(), systemClock.now());
    return due.retrace + due.duplicateCheck;
  } finally {
    await state?.close();
  }
}
