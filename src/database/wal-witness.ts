import { type BigIntStats, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ownIdentity } from "../system/process-identity.ts";
import { DamagedDatabase } from "./damaged-database.ts";

const patience = 20;
const pauseMs = 50;

/**
 * Tells whether a write-ahead log has got lost. The last changes of a database that was not closed (its process was
 * killed) are in `state.db-wal` alone; without it SQLite opens `state.db` as it was before them, and says nothing. An
 * edit of the outbox that is done already would be carried out again.
 *
 * As long as the log holds something, a file beside the database (`state.db.unmerged`) says how the database looked
 * then. A log that is gone while the database still looks so was never merged into it.
 */
export class WalWitness {
  readonly #path: string;
  #noted: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * To be called before SQLite opens the file: it removes an empty log.
   *
   * @throws DamagedDatabase when the log is gone that held the last changes.
   */
  async requireLog(): Promise<void> {
    // Whoever closes the file at this moment has two files to remove, one after the other.
    for (let tries = 0; tries < patience; tries++) {
      if (!this.#isLogLost()) return;
      await delay(pauseMs);
    }
    throw new DamagedDatabase(
      this.#path,
      `database ${this.#path} is damaged: its write-ahead log ${this.#path}-wal is gone, and with it the last changes`,
      {
        remedy: `Put ${this.#path}-wal back if it was moved away; else the last good copy of the database (crash-digger backup list).`,
      },
    );
  }

  #isLogLost(): boolean {
    const told = readText(witnessPath(this.#path));
    return told !== null && told === look(this.#path) && !hasLog(this.#path);
  }

  /** After each transaction of ours: the log holds something now. */
  wrote(): void {
    const seen = look(this.#path);
    if (seen === null || !hasLog(this.#path)) return;
    if (seen === this.#noted && existsSync(witnessPath(this.#path))) return;
    try {
      writeFileSync(witnessPath(this.#path), seen, { mode: 0o644 });
      this.#noted = seen;
    } catch {
      // A full disk, or a folder where we may not write: a log that gets lost then goes unnoticed, as with any program.
    }
  }

  /** Closes the file. The last one to do so merges the log and removes it; for others it is still to be there. */
  closing(file: { close(): void }): void {
    forgetLog(this.#path);
    this.#noted = null;
    file.close();
    this.wrote();
    // Another one may have been the last meanwhile, and merged a log that changed nothing any more.
    if (!hasLog(this.#path)) forgetLog(this.#path);
  }
}

/** Nothing of an earlier log is waited for any more. */
export function forgetLog(path: string): void {
  rmSync(witnessPath(path), { force: true });
}

function witnessPath(path: string): string {
  return `${path}.unmerged`;
}

function look(path: string): string | null {
  const found = statOf(path);
  // The boot id, because neither this file nor every change is waited for on the disk: after a power cut a log that never
  // got there would stop a service that can go on.
  return found === null ? null : [ownIdentity().bootId, found.ino, found.size, found.mtimeNs].join(" ");
}

function hasLog(path: string): boolean {
  return (statOf(`${path}-wal`)?.size ?? 0n) > 0n;
}

function statOf(path: string): BigIntStats | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
