import type { Clock } from "./clock.ts";

/** What goes with a log message: small values only, never a secret, never a core's bytes. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The log. Messages are static text, what varies goes into the fields. */
export type Log = {
  /** An event of normal running: one line on stdout. */
  event(message: string, fields?: LogFields): void;
  /** A detail that is shown with `--verbose` only. */
  detail(message: string, fields?: LogFields): void;
};

/** A log that writes one line an event, `TIME message key=value …`, through `write`. */
export function lineLog(write: (line: string) => void, clock: Clock, verbose: boolean): Log {
  const line = (message: string, fields: LogFields = {}): void => {
    write(`${clock.now().toISOString()} ${message}${formatFields(fields)}\n`);
  };
  return { event: line, detail: verbose ? line : () => {} };
}

/** A log that says nothing, for callers that print their own results. */
export const silentLog: Log = { event: () => {}, detail: () => {} };

function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${formatValue(String(value))}`)
    .join("");
}

const longestValue = 1000;

// A path or a reason in a report may hold line breaks, terminal escapes, marks that turn the writing round, or a
// million letters. A log line is one line, always, and one that a person can read.
function formatValue(text: string): string {
  const shown = text.length <= longestValue ? text : `${text.slice(0, longestValue)}… (${text.length} characters)`;
  if (/^[\w./:+@~,-]+$/.test(shown)) return shown;
  return JSON.stringify(shown).replace(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}
