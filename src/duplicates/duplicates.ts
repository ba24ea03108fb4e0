import type { Kysely } from "kysely";
import { openDatabase } from "../database/open-database.ts";
import { systemClock } from "../system/clock.ts";
import { check, lookupAddress } from "./check.ts";
import { applyChanges, readConsolidated } from "./consolidation.ts";
import { changeMaster, mergeCrashes } from "./edit.ts";
import { type DuplicatesSchema, migrationsFor, requireFormat } from "./format.ts";
import { findProblems } from "./invariants.ts";
import { learn } from "./learn.ts";
import { type Published, publish } from "./publish.ts";
import { removeCrash, setFixedVersion } from "./rows.ts";
import { dumpCrashes, readDetails, readStoredCrash } from "./stored-crashes.ts";
import type {
  AddressQuestion,
  Consolidated,
  CrashDetails,
  CrashId,
  DuplicateAnswer,
  DuplicateQuestion,
  MergeOutcome,
  SettledCrash,
  StatusChange,
  StatusOf,
  StoredCrash,
} from "./types.ts";

/** An open duplicate database. Every method throws ServiceFailure when the file is damaged or cannot be written. */
export type Duplicates = {
  /** Decides what a report is, and stores what follows. Asked again, it answers the same and changes nothing. */
  check(question: DuplicateQuestion, statusOf: StatusOf): Promise<DuplicateAnswer>;
  /** The crash that a report is a duplicate of by its address signature alone, or null. Asks about that crash only. */
  lookupAddress(question: AddressQuestion, statusOf: StatusOf): Promise<CrashId | null>;
  /**
   * Stores what is known of a crash that was decided while this database did not hear of it; a master before its
   * duplicates. Nothing is decided anew. @returns whether there was something to store.
   */
  learn(crash: SettledCrash): Promise<boolean>;
  crash(id: CrashId): Promise<StoredCrash | null>;
  details(id: CrashId): Promise<CrashDetails | null>;
  /** All crashes by id, page by page. */
  dump(): AsyncGenerator<StoredCrash>;
  /** `''` = fixed in an unknown version. @returns whether the crash is stored. */
  setFixed(id: CrashId, version: string): Promise<boolean>;
  /** @returns whether the crash is stored. */
  reopen(id: CrashId): Promise<boolean>;
  /** @returns whether the crash was stored. */
  remove(id: CrashId): Promise<boolean>;
  /** Gives everything of `from` to `to`, which need not be stored. */
  changeMaster(from: CrashId, to: CrashId): Promise<MergeOutcome>;
  /** Makes one of two stored crashes; the lower id wins. */
  merge(one: CrashId, other: CrashId): Promise<MergeOutcome>;
  /** The last consolidation; null when there was none. */
  consolidated(): Promise<Consolidated | null>;
  /**
   * Carries out changes of status and notes where they come from, in one transaction. A crash that was changed
   * since they were made up is left alone. @returns the ids of those.
   */
  consolidate(changes: readonly StatusChange[], consolidated: Consolidated | null): Promise<readonly CrashId[]>;
  /** Writes the folders `sig/` and `address/` for clients. */
  publish(folder: string): Promise<Published>;
  /** SQLite's full integrity check, whatever is known; throws ServiceFailure. */
  integrityCheck(): Promise<void>;
  /** What is wrong in a sound file, one sentence each. */
  problems(): Promise<readonly string[]>;
  close(): Promise<void>;
};

export type DuplicatesOptions = {
  /** Whether the file is checked at once, unless it is known to be sound (the default). */
  readonly integrityCheck?: boolean;
};

/**
 * Opens a duplicate database in Apport's format 3, or creates one (readable by everyone: it is there to be downloaded,
 * and holds program paths, function names and ids only).
 *
 * @throws ServiceFailure when the file is damaged, of another format, or no duplicate database.
 */
export async function openDuplicates(path: string, options: DuplicatesOptions = {}): Promise<Duplicates> {
  // A rollback journal: docs/decisions/0003-duplicate-database-without-wal.md.
  const database = await openDatabase<DuplicatesSchema>(path, {
    migrations: migrationsFor(path),
    journal: "rollback",
    mode: 0o644,
  });
  try {
    await requireFormat(database.kysely as unknown as Kysely<unknown>, path);
    if (options.integrityCheck ?? true) await database.integrityCheck("unless-known");
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    check: (question, statusOf) => check(database, question, statusOf),
    lookupAddress: (question, statusOf) => lookupAddress(database, question, statusOf),
    learn: (crash) => database.transaction((transaction) => learn(transaction, crash)),
    crash: (id) => readStoredCrash(database.kysely, id),
    details: (id) => readDetails(database.kysely, id),
    dump: () => dumpCrashes(database.kysely),
    setFixed: (id, version) => database.transaction((transaction) => setFixedVersion(transaction, id, version)),
    reopen: (id) => database.transaction((transaction) => setFixedVersion(transaction, id, null)),
    remove: (id) => database.transaction((transaction) => removeCrash(transaction, id)),
    changeMaster: (from, to) => database.transaction((transaction) => changeMaster(transaction, from, to)),
    merge: (one, other) => database.transaction((transaction) => mergeCrashes(transaction, one, other)),
    consolidated: () => readConsolidated(database.kysely),
    consolidate: (changes, consolidated) =>
      database.transaction((transaction) => applyChanges(transaction, changes, consolidated)),
    publish: (folder) => publish(database, folder, systemClock.now().getTime()),
    integrityCheck: () => database.integrityCheck(),
    problems: () => findProblems(database.kysely),
    close: () => database.close(),
  };
}
