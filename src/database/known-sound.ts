import { type BigIntStats, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { systemClock } from "../system/clock.ts";
import { ownIdentity } from "../system/process-identity.ts";

const longestMs = 24 * 3600_000;
const markSchema = z.object({ bootId: z.string().min(1), file: z.string(), checkedAt: z.iso.datetime() });
type Mark = z.infer<typeof markSchema>;

/**
 * What is known of one database file from its last full check on: whether anybody but this program has changed it
 * since. It is kept from one process to the next in a mark beside the file (`state.db.checked`), which tells how the
 * file looked when we last left it: device, inode, size, and the times of the last change, which no program can set back.
 *
 * Nothing is known when the mark does not fit, when it is from before a reboot, when the check is more than a day ago,
 * and when a journal tells of a transaction that did not end.
 */
export class KnownSound {
  readonly #path: string;
  #mark: Mark | null;
  /** How the file looked when we last looked; null when nothing is known of it. */
  #seen: string | null;

  /** To be called before SQLite opens the file: opening it may change it. */
  constructor(path: string) {
    this.#path = path;
    this.#mark = readMark(path);
    this.#seen = this.#mark?.file ?? null;
  }

  /** Whether the file is as it was left by ourselves after a full check. */
  get isKnown(): boolean {
    this.look();
    return this.#seen !== null;
  }

  /** Before each transaction of ours: what is different now was somebody else's doing. */
  look(): void {
    if (this.#seen !== null && this.#seen !== appearance(this.#path)) this.#seen = null;
  }

  /** After each transaction of ours: what is different now is our own doing. */
  wrote(): void {
    if (this.#seen !== null) this.#seen = appearance(this.#path);
  }

  /** Runs a full check, which throws when the file is damaged. */
  async check(fully: () => Promise<void>): Promise<void> {
    const before = appearance(this.#path);
    const checkedAt = systemClock.now().toISOString();
    await fully();
    const { bootId } = ownIdentity();
    // Where there is no /proc, a reboot would not be noticed.
    if (bootId === "") return;
    this.#seen = before;
    this.#mark = { bootId, file: "", checkedAt };
    this.look();
  }

  /** To be called when the file has been closed: leaves the mark for the next one. */
  async leave(): Promise<void> {
    if (this.#mark === null || this.#seen === null || this.#seen === this.#mark.file) return;
    this.#mark = { ...this.#mark, file: this.#seen };
    try {
      // Made anew: the one that is there may be another user's, who ran one command on our database.
      rmSync(markPath(this.#path), { force: true });
      await writeLater(this.#path, `${JSON.stringify(this.#mark)}\n`);
    } catch {
      // A full disk, or a folder where we may not write: the next one checks the whole file, and that is all.
    }
  }
}

// Times come in ticks of some milliseconds, so a mark that was written at once would be as old as the file.
async function writeLater(path: string, text: string): Promise<void> {
  for (let written = 0; written < 20; written += 1) {
    writeFileSync(markPath(path), text, { mode: 0o644 });
    if (isOlder(path, markPath(path))) return;
    await delay(1);
  }
}

/** Where the mark of a database is kept. */
export function markPath(path: string): string {
  return `${path}.checked`;
}

function readMark(path: string): Mark | null {
  const text = readText(markPath(path));
  // A file that was changed in the tick in which the mark was written may have been changed once more in it,
  // and nothing would show.
  if (text === null || !isOlder(path, markPath(path))) return null;
  const mark = parseMark(text);
  if (mark === null || mark.bootId !== ownIdentity().bootId || mark.file !== appearance(path)) return null;
  const ageMs = systemClock.now().getTime() - Date.parse(mark.checkedAt);
  return ageMs < 0 || ageMs > longestMs || hasJournal(path) ? null : mark;
}

// Half written, or somebody else's: as good as none.
function parseMark(text: string): Mark | null {
  return orNull(() => markSchema.parse(JSON.parse(text)));
}

function isOlder(path: string, other: string): boolean {
  const [one, two] = [stats(path), stats(other)];
  return one !== null && two !== null && one.mtimeNs < two.mtimeNs && one.ctimeNs < two.mtimeNs;
}

function hasJournal(path: string): boolean {
  return ["-wal", "-journal"].some((suffix) => (stats(`${path}${suffix}`)?.size ?? 0n) > 0n);
}

function appearance(path: string): string | null {
  const found = stats(path);
  if (found === null) return null;
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
}

function stats(path: string): BigIntStats | null {
  return orNull(() => statSync(path, { bigint: true }));
}

function readText(path: string): string | null {
  return orNull(() => readFileSync(path, "utf8"));
}

// What cannot be looked at is not known; why so is told by SQLite when it opens the file.
function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
