import { randomUUID } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { ownIdentity, startTicksOf } from "../system/process-identity.ts";

const asideNames = /\.new-(\d{1,10})-(\d{0,20})-[0-9a-f-]{36}(?:-wal|-journal|-shm)?$/;

/**
 * Makes a database that is not there yet. It is filled aside and gets its name when it is whole and on the disk: what
 * kills us before leaves no file, and whoever meets the file meets all of its tables. When two processes make it at
 * the same time, the first one's stays.
 *
 * @param fill makes the database at the path that it is given, and closes it again.
 * @throws ServiceFailure when the file or its folder cannot be made.
 */
export async function createDatabaseFile(
  path: string,
  mode: number,
  fill: (aside: string) => Promise<void>,
): Promise<void> {
  const { pid, startTicks } = ownIdentity();
  const aside = `${path}.new-${pid}-${startTicks}-${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: mode & 0o044 ? 0o755 : 0o700 });
    makeEmpty(aside, mode);
    await fill(aside);
    sync(aside);
    giveName(aside, path);
    sync(dirname(path));
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new ServiceFailure(`database ${path} cannot be created: ${messageOf(error)}`, {
      cause: error,
      remedy: "Create the folder, give this user the right to write there, and see whether the disk is full (df).",
    });
  } finally {
    rmSync(aside, { force: true });
  }
  removeAbandoned(path);
}

/** Removes what processes that were killed while they made this database have left of it. */
export function removeAbandoned(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.new-`)) continue;
    const [, pid, startTicks] = asideNames.exec(name) ?? [];
    const isAtWork = pid === undefined || startTicksOf(Number(pid)) === startTicks;
    if (!isAtWork) rmSync(join(folder, name), { force: true });
  }
}

// SQLite itself would create the file readable by everyone, and a later chmod leaves a moment in between.
// Its -wal and -shm files take over the mode of the file they belong to.
function makeEmpty(aside: string, mode: number): void {
  closeSync(openSync(aside, "wx", mode));
  // A umask such as 0777 takes bits off that the owner needs.
  chmodSync(aside, (statSync(aside).mode & 0o777) | 0o600);
}

// A link, because a rename would replace the file that another process has made meanwhile, and may have written to.
function giveName(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
