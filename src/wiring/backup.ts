import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { highestCrash } from "../maintenance/backup/highest-crash.ts";
import type { Settle } from "../maintenance/backup/restore.ts";
import type { BackedDatabase, BackupSettings } from "../maintenance/backup/types.ts";
import { systemClock } from "../system/clock.ts";
import { settleRestoredTracker } from "../tracker/local/after-restore.ts";
import { pathsOf } from "./paths.ts";

/** What is backed up, where to, and for how long it is kept. */
export function backupSettings(config: Config): BackupSettings {
  const { second_dir, daily, weekly, monthly } = config.backup;
  return {
    folder: pathsOf(config).backups,
    secondFolder: second_dir ?? null,
    keep: { daily, weekly, monthly },
    databases: databasesOf(config),
  };
}

// On another tracker the crashes are elsewhere. The cores of the local one are no part of a backup: decision 31.
function databasesOf(config: Config): readonly BackedDatabase[] {
  const paths = pathsOf(config);
  const tracker: BackedDatabase = { name: "tracker", path: join(paths.tracker, "tracker.db"), mode: 0o600 };
  return [
    { name: "state", path: paths.state, mode: 0o600 },
    { name: "duplicates", path: paths.duplicates, mode: 0o644 },
    ...(config.tracker.type === "local" ? [tracker] : []),
  ];
}

/** What has to be done to a database of some time ago before it gets its place. */
export function settleRestored(config: Config): Settle {
  return async (name, file, asOf) => {
    if (name !== "tracker") return [];
    const files = join(pathsOf(config).tracker, "files");
    const losses = await settleRestoredTracker(file, files, {
      asOf,
      now: systemClock.now(),
      highestKnown: highestCrash(databasesOf(config)),
    });
    return [
      ...losses.coresGone.map((id) => `crash ${id} was worked on after the backup: its core and its trace are lost`),
      ...losses.strayFiles.map((file) => `${join(files, file)} is of a report that was filed after the backup`),
    ];
  };
}
