/** How a measured value is written: with which unit, and so how a limit is read. */
export type Unit = "seconds" | "bytes" | "count" | "percent";

/** When a value is no longer as it should be; null: never. */
export type Limit = {
  readonly unit: Unit;
  /** `above`: what is greater than the limit is wrong. `below`: what is less. */
  readonly wrong: "above" | "below";
  readonly warning: number | null;
  readonly critical: number | null;
};

const hour = 3600;
const day = 24 * hour;
const gibibyte = 1024 ** 3;

/** What has limits, with those that hold unless told otherwise. */
export const usualLimits = {
  "success-age": limit("seconds", 2 * hour, day),
  "batch-age": limit("seconds", 6 * hour, day),
  queue: limit("count", 1000, null),
  "oldest-pending": limit("seconds", day, 7 * day),
  "dead-letters": limit("count", 0, null),
  "stuck-edits": limit("count", 0, null),
  "backup-age": limit("seconds", 1.5 * day, 3 * day),
  "disk-free": { ...limit("bytes", 5 * gibibyte, gibibyte), wrong: "below" },
  cache: limit("percent", 110, null),
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof usualLimits;
export type Limits = Readonly<Record<LimitName, Limit>>;

function limit(unit: Unit, warning: number, critical: number | null): Limit {
  return { unit, wrong: "above", warning, critical };
}

/**
 * Limits with another one in place of one of theirs.
 *
 * @param text `queue=500`, `success-age=90m`, `disk-free=10G`, `dead-letters=off`
 * @returns what is wrong with the text, when something is
 */
export function withLimit(limits: Limits, severity: "warning" | "critical", text: string): Limits | { fault: string } {
  const [name = "", value = ""] = text.split("=", 2);
  if (!isLimitName(name))
    return { fault: `${text}: nothing is called so; there are ${Object.keys(usualLimits).join(", ")}` };
  const parsed = value === "off" ? null : parseValue(value, limits[name].unit);
  if (parsed === undefined) return { fault: `${text}: ${examples[limits[name].unit]} is wanted, or off` };
  return { ...limits, [name]: { ...limits[name], [severity]: parsed } };
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(usualLimits, name);
}

const examples: Readonly<Record<Unit, string>> = {
  seconds: "a time such as 90m, 36h or 7d",
  bytes: "a size such as 500M or 10G",
  count: "a number",
  percent: "a number of per cent",
};

const factors: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  seconds: { "": 1, s: 1, m: 60, h: hour, d: day },
  bytes: { "": 1, K: 1024, M: 1024 ** 2, G: gibibyte, T: 1024 ** 4 },
  count: { "": 1 },
  percent: { "": 1, "%": 1 },
};

function parseValue(text: string, unit: Unit): number | undefined {
  const [, digits, letter = ""] = /^(\d{1,12})([A-Za-z%]?)$/.exec(text) ?? [];
  const factor = factors[unit][letter];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
