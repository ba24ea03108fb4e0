import { ServiceFailure } from "../system/failure.ts";
import { DamagedDatabase } from "./damaged-database.ts";

// Primary result codes: https://www.sqlite.org/rescode.html. The low byte of an extended code.
const busy = 5;
const locked = 6;

const remedies: ReadonlyMap<number, string> = new Map([
  [busy, "Find the program that keeps it locked (fuser -v FILE) and let it finish, or stop it."],
  [8, "Give this user the right to write to the file and to its folder."],
  [
    10,
    "See whether the disk is full (df) or failing (dmesg), then run `PRAGMA integrity_check` on the file with the sqlite3 tool.",
  ],
  [
    11,
    "Put back the last good copy of the file (crash-digger backup list); keep the damaged one aside, `sqlite3 FILE .recover` may save the rest.",
  ],
  [13, "Make room on the disk that holds the file."],
  [14, "Check that the folder exists, and that this user may read and write the file and the folder."],
  [
    26,
    "This is not a SQLite database: check the path, or put back the last good copy of the file (crash-digger backup list).",
  ],
]);

// SQLITE_ERROR, the general one, is nearly always wrong SQL, and ours is tried. It is also what comes of a damaged
// header ("unsupported file format") and of a definition in which a bit has flipped ("no such column: crash_ie", or,
// for the name of a column that others refer to, "foreign key mismatch").
const damagedDefinition =
  /unsupported file format|no such (?:table|column)|has no column named|malformed|foreign key mismatch/;
const damagedRemedy =
  "The file is damaged or another program has changed its tables: put back the last good copy (crash-digger backup list), keep this one aside.";

const damaged: readonly number[] = [1, 11, 26];

/** Whether SQLite refused because another connection holds the file: waiting helps. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === busy || code === locked;
}

/**
 * What is wrong with the file or the disk as a ServiceFailure with SQLite's own words; every other error
 * (a constraint, wrong SQL: a bug or the caller's business) as it came.
 */
export function asServiceFailure(error: unknown, path: string): unknown {
  const remedy = remedyOf(error);
  if (remedy === undefined || !(error instanceof Error)) return error;
  const message = `database ${path}: ${error.message}`;
  const options = { cause: error, remedy: remedy.replace("FILE", path) };
  const code = primaryCode(error);
  const isDamaged = code === null || damaged.includes(code);
  return isDamaged ? new DamagedDatabase(path, message, options) : new ServiceFailure(message, options);
}

function remedyOf(error: unknown): string | undefined {
  // Node's own refusal of an integer that no JavaScript number can hold.
  if (error instanceof RangeError && "code" in error && error.code === "ERR_OUT_OF_RANGE") return damagedRemedy;
  const code = primaryCode(error);
  if (code === 1 && damagedDefinition.test((error as Error).message)) return damagedRemedy;
  return code === null ? undefined : remedies.get(code);
}

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}
