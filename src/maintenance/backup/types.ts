/** The databases that are backed up, by the name that people use. */
export const databaseNames = ["state", "duplicates", "tracker"] as const;

export type DatabaseName = (typeof databaseNames)[number];

/** A database, where it is, and the permissions that a new one gets. */
export type BackedDatabase = { readonly name: DatabaseName; readonly path: string; readonly mode: number };

/** How many backups are kept: the last one of each of so many days, weeks and months. */
export type Keep = { readonly daily: number; readonly weekly: number; readonly monthly: number };

export type BackupSettings = {
  readonly folder: string;
  /** Gets a copy of each backup: on another disk, or another machine's. */
  readonly secondFolder: string | null;
  readonly keep: Keep;
  readonly databases: readonly BackedDatabase[];
};
