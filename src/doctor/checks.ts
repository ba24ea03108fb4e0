import { join } from "node:path";
import { requireMmdebstrap } from "../chroots/bootstrap.ts";
import { stateMigrations } from "../digger/state/tables.ts";
import { migrationsFor } from "../duplicates/format.ts";
import type { Clock } from "../system/clock.ts";
import { checkJail } from "../system/jail.ts";
import { trackerMigrations } from "../tracker/local/migrations.ts";
import { ok } from "./answers.ts";
import { checkFolder, checkHardLinks, checkSpace } from "./folders.ts";
import { checkGdb } from "./gdb.ts";
import { checkNode } from "./node.ts";
import { checkApt, checkPrograms } from "./programs.ts";
import { type ReleaseOptions, releaseChecks } from "./releases.ts";
import { checkClock, checkDatabase, checkLock } from "./state.ts";
import type { Answer, Check } from "./types.ts";

export type MachineSettings = {
  /** Where programs are looked for, folders separated by colons. */
  readonly searchPath: string;
  /** This machine's, by dpkg's name; throws when dpkg does not tell. */
  readonly architecture: () => Promise<string>;
  readonly clock: Clock;
  /** When crash-digger was installed. */
  readonly installedAt: Date;
};

/** What does not depend on the configuration. */
export function machineChecks({ searchPath, architecture, clock, installedAt }: MachineSettings): readonly Check[] {
  return [
    { name: "node", look: () => checkNode(process.versions.node) },
    { name: "programs", look: () => checkPrograms(searchPath) },
    { name: "apt", look: () => checkApt(searchPath) },
    { name: "dpkg", look: async () => ok(await architecture()) },
    { name: "gdb", look: async () => await checkGdb(await architecture()) },
    { name: "jail", look: () => checkJailStands(searchPath) },
    { name: "clock", look: () => checkClock(clock.now(), installedAt) },
  ];
}

/** Whether the jail for gdb can be built. @throws ServiceFailure when not */
export async function checkJailStands(searchPath: string): Promise<Answer> {
  await checkJail(searchPath);
  return ok("it stands");
}

/** Whether systems of releases can be made. @throws ServiceFailure when not */
export function checkChroots(isInstalled?: (path: string) => boolean): Answer {
  requireMmdebstrap(isInstalled);
  return ok("mmdebstrap is there, and this user can make systems with it");
}

/** The configured places. */
export type ServicePaths = {
  readonly lock: string;
  readonly state: string;
  readonly duplicates: string;
  readonly tracker: string;
  readonly symbols: string;
  readonly work: string;
};

export type ServiceSettings = {
  readonly stateFolder: string;
  readonly cacheFolder: string;
  readonly paths: ServicePaths;
  /** Of a tracker that is no folder of ours; null for the local one. */
  readonly checkTracker: Check["look"] | null;
  /** Null when no archive is asked for symbols. */
  readonly archive: ReleaseOptions | null;
  /** Whether some release is retraced in its chroot. */
  readonly usesChroots: boolean;
};

/** What the configuration names. */
export async function serviceChecks(settings: ServiceSettings): Promise<readonly Check[]> {
  const { stateFolder, cacheFolder, paths, archive } = settings;
  const isLocal = settings.checkTracker === null;
  const trackerFile = join(paths.tracker, "tracker.db");
  const userId = process.geteuid?.() ?? 0;
  const folder = (name: string, path: string, mustBePrivate: boolean): Check => {
    return { name, look: () => checkFolder(path, { userId, mustBePrivate }) };
  };
  return [
    folder("state folder", stateFolder, false),
    folder("cache folder", cacheFolder, false),
    ...(isLocal ? [folder("tracker folder", paths.tracker, true)] : []),
    { name: "hard links", look: () => checkHardLinks(paths.symbols, paths.work) },
    { name: "disk space, state", look: () => checkSpace(stateFolder) },
    { name: "disk space, cache", look: () => checkSpace(cacheFolder) },
    { name: "tracker", look: isLocal ? () => checkDatabase(trackerFile, trackerMigrations) : settings.checkTracker },
    { name: "duplicates", look: () => checkDatabase(paths.duplicates, migrationsFor(paths.duplicates)) },
    { name: "state", look: () => checkDatabase(paths.state, stateMigrations) },
    { name: "lock", look: () => checkLock(paths.lock) },
    ...(archive === null ? [] : await releaseChecks(archive)),
    ...(settings.usesChroots ? [{ name: "chroots", look: () => checkChroots() }] : []),
  ];
}
