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

// A path or a reason in a report may hold line breaks or terminal escapes. A log line is one line, always.
function formatValue(text: string): string {
  return /^[\w./:+@~,-]+$/.test(text) ? text : JSON.stringify(text).replace(/[\u007f-\u009f]/g, "?");
}
