import type { ProcessIdentity } from "../system/process-identity.ts";

/** What a lock file says. Apport's own holds the pid alone, so everything else may be missing. */
export type LockContent = {
  readonly pid: number | null;
  readonly bootId: string | null;
  readonly startTicks: string | null;
  readonly host: string | null;
  readonly time: string | null;
  /** Why the batch that left it failed; null while it runs, or when it never got to say. */
  readonly reason: string | null;
  /** When a person was last reminded of the failure. */
  readonly reminded: string | null;
};

/** The text of a lock file: the pid on the first line, as Apport writes it, then `key: value` lines. */
export function formatLock(content: LockContent): string {
  const lines = [
    ["boot", content.bootId],
    ["started", content.startTicks],
    ["host", content.host],
    ["time", content.time],
    ["reminded", content.reminded],
    ["reason", content.reason === null ? null : JSON.stringify(content.reason)],
  ] as const;
  const rest = lines.filter(([, value]) => value !== null).map(([key, value]) => `${key}: ${value}\n`);
  return `${content.pid ?? ""}\n${rest.join("")}`;
}

/** Reads what `formatLock`, Apport, or a person with an editor wrote; what is not understood is missing. */
export function parseLock(text: string): LockContent {
  const [first = "", ...rest] = text.slice(0, 64 * 1024).split("\n");
  const values = new Map(rest.map((line) => splitLine(line)));
  const value = (key: string): string | null => values.get(key) ?? null;
  return {
    pid: /^\s*[1-9]\d{0,9}\s*$/.test(first) ? Number(first) : null,
    bootId: value("boot"),
    startTicks: value("started"),
    host: value("host"),
    time: value("time"),
    reminded: value("reminded"),
    reason: parseReason(value("reason")),
  };
}

/** A fresh lock of a running batch. */
export function runningLock(identity: ProcessIdentity, now: Date): LockContent {
  return {
    pid: identity.pid,
    bootId: identity.bootId,
    startTicks: identity.startTicks,
    host: identity.host,
    time: now.toISOString(),
    reason: null,
    reminded: null,
  };
}

function splitLine(line: string): readonly [string, string] {
  const colon = line.indexOf(": ");
  return colon < 0 ? ["", line] : [line.slice(0, colon), line.slice(colon + 2)];
}

function parseReason(text: string | null): string | null {
  if (text === null) return null;
  try {
    return String(JSON.parse(text));
  } catch {
    // Somebody wrote the reason by hand: it is text all the same.
    return text;
  }
}
