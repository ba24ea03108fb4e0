import type { Family, Sample } from "./exposition.ts";

/** A metric whose value goes up and down; the name without the program's. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `crash_digger_${name}`, help, type: "gauge", samples };
}

/** A moment in seconds since 1970; nothing when there is none. */
export function momentOf(time: string | null, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
  const value = Date.parse(time ?? "") / 1000;
  return Number.isNaN(value) ? [] : [{ labels, value }];
}

/** A metric whose value only grows. */
export function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `crash_digger_${name}`, help, type: "counter", samples };
}
