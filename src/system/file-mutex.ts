import { DatabaseSync } from "node:sqlite";

/**
 * Holds a mutex among processes, and within one, until it is disposed of. SQLite's write lock is such a mutex: a lock of
 * the kernel's on a file, that goes with its process, whatever way that ends. The file holds nothing, and its folder has to be
 * there.
 *
 * @param waitMs how long to block for another one
 * @throws Node's error: no room, no right to write, no such database; `isMutexBusy` tells when somebody else has it
 */
export function holdMutex(path: string, waitMs: number): Disposable {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE`);
    if (isEmpty(database)) database.exec("PRAGMA user_version = 1; COMMIT; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

const sqliteBusy = 5;

/** Whether an error of `holdMutex` says that somebody else has had it all the time. */
export function isMutexBusy(error: unknown): boolean {
  return (error as { readonly errcode?: number }).errcode === sqliteBusy;
}

// To lock an empty file SQLite writes a first page beside it, each time, and a full disk has no room for that. To lock one
// that has a page it writes nothing.
function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("PRAGMA user_version").get()?.["user_version"] === 0;
}
