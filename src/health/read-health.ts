import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { inspectLock } from "../digger/lock.ts";
import type { SetAside } from "../digger/state/set-aside.ts";
import { openState, type State } from "../digger/state.ts";
import { cacheEntries } from "../symbols/cache/entries.ts";
import type { Clock } from "../system/clock.ts";
import { diskRoom } from "../system/disk-room.ts";
import type { ProcessIdentity } from "../system/process-identity.ts";
import { lookedAt } from "./looked.ts";
import type { Health, Looked, Records } from "./types.ts";

/** Where a service's parts are. */
export type HealthSources = {
  readonly lockPath: string;
  readonly statePath: string;
  readonly folders: Readonly<Record<"state" | "cache", string>>;
  readonly maxCacheBytes: number;
  /** When the newest backup was made, null when there is none. Null itself where no backups are configured. */
  readonly newestBackup: (() => Promise<Date | null>) | null;
  /** Asks the tracker, over the network maybe, how many crashes are pending. Null: it is not asked. */
  readonly askTracker: (() => Promise<number>) | null;
  readonly identity: ProcessIdentity;
  readonly clock: Clock;
};

/** Looks at everything that tells how the service is doing; never throws, and waits for no batch. */
export async function readHealth(sources: HealthSources): Promise<Health> {
  const { lockPath: path, identity, folders, newestBackup, askTracker } = sources;
  return {
    now: sources.clock.now(),
    lock: await lookedAt(() => inspectLock({ path, identity })),
    records: await lookedAt(() => readRecords(sources.statePath)),
    pending: askTracker === null ? null : await lookedAt(askTracker),
    rooms: { state: await roomFor(folders.state), cache: await roomFor(folders.cache) },
    cache: await lookedAt(async () => ({ bytes: await bytesIn(folders.cache), maxBytes: sources.maxCacheBytes })),
    newestBackup: newestBackup === null ? null : await lookedAt(newestBackup),
  };
}

function roomFor(folder: string): Promise<Looked<Awaited<ReturnType<typeof diskRoom>> & { folder: string }>> {
  return lookedAt(async () => ({ ...(await diskRoom(folder)), folder }));
}

async function bytesIn(cacheFolder: string): Promise<number> {
  return (await cacheEntries(cacheFolder)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

async function readRecords(path: string): Promise<Records | null> {
  if (!(await mayUse(path))) return null;
  const state = await openState(path);
  try {
    return await recordsOf(state);
  } finally {
    await state.close();
  }
}

// Opening would make it. Where we have no right, SQLite's word ("unable to open") would not tell why.
async function mayUse(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function recordsOf(state: State): Promise<Records> {
  const aside = await state.allAside();
  const count = (kind: SetAside["kind"]): number => aside.filter((each) => each.aside.kind === kind).length;
  return {
    lastEnded: await state.lastEnded(),
    lastSuccess: await state.lastSuccess(),
    ends: await state.countEnds(),
    queue: await state.queue(),
    aside: { retry: count("retry"), parked: count("parked"), dead: count("dead"), buried: count("buried") },
    openEdits: await state.countOpenEntries(),
    stuckEdits: (await state.stuckCrashes()).size,
    verdicts: await state.verdictTotals(),
    trackerAwaySince: await state.outageSince("tracker"),
  };
}
