import { DatabaseError } from "pg";
import { messageOf, ServiceFailure, TransientFailure } from "../../system/failure.ts";

// SQLSTATE classes and codes: the connection broke, the server is going down or coming up, has no room for one more
// client, or is a standby that had to take the rows away under us.
const passing = /^(?:08|53|57P0[1-5]|40001|40P01)/;

// Node's own words where no server answered. ENOENT is its socket's: the server is not running.
const unreachable = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "EPIPE",
];

const grants = "docs/launchpad.md has the GRANTs that are needed, and tells the columns";

const remedies: readonly (readonly [RegExp, string])[] = [
  [/^28/, "Check tracker.database.user and .password_file, and the server's pg_hba.conf."],
  [/^3D000/, "Check tracker.database.database."],
  [/^42501/, `Give the role its rights: ${grants}.`],
  [
    /^(?:42P01|42703|3F000)/,
    `Check tracker.database.schema. If Launchpad has changed its tables, use --source api; ${grants}.`,
  ],
  [/^57014/, "Raise tracker.database.timeout_s, or look what else the server is doing."],
];

/** What an error out of the PostgreSQL client means; the message never holds a password. */
export function asFailure(error: unknown, server: string): Error {
  const code = codeOf(error);
  const message = `Launchpad's database (${server}): ${wordsOf(error)}`;
  const isPassing = error instanceof DatabaseError ? passing.test(code) : isUnreachable(error, code);
  if (isPassing) return new TransientFailure(message, { cause: error });
  const remedy = remedies.find(([pattern]) => pattern.test(code))?.[1];
  return new ServiceFailure(message, {
    cause: error,
    remedy: remedy ?? "Check tracker.database, and the server's log.",
  });
}

function isUnreachable(error: unknown, code: string): boolean {
  // The client's own: no code, and one of these messages.
  return unreachable.includes(code) || /timeout|Connection terminated|not queryable/i.test(messageOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function wordsOf(error: unknown): string {
  const words = messageOf(error)
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  const code = codeOf(error);
  const shown = words === "" ? "no answer" : words.slice(0, 500);
  return code === "" || shown.includes(code) ? shown : `${shown} (${code})`;
}
