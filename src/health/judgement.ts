import type { Limit } from "./limits.ts";

/** Nagios's words, from the one that is told last to the one that is told first. */
export const severities = ["ok", "unknown", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

/** What is to be said of one thing that was looked at. */
export type Judgement = {
  readonly severity: Severity;
  /** A few words; may hold foreign text. */
  readonly text: string;
  /** Whether it is worth telling when all is well. */
  readonly isHeadline?: true;
  /** The value, where there is one; `name` as monitoring keeps it. */
  readonly measure?: Measure;
};

export type Measure = { readonly name: string; readonly value: number; readonly limit: Limit };

/** Something that has no value: it is so, or not. */
export function told(severity: Severity, text: string): Judgement {
  return { severity, text };
}

/** A value against its limit; text such as `3 dead letters`. */
export function measured(name: string, value: number, limit: Measure["limit"], text: string): Judgement {
  const passes = (bound: number | null): boolean =>
    bound !== null && (limit.wrong === "above" ? value > bound : value < bound);
  const severity = passes(limit.critical) ? "critical" : passes(limit.warning) ? "warning" : "ok";
  return { severity, text, measure: { name, value, limit } };
}

/** The gravest of them. Something that is known to be wrong stands above what is not known. */
export function worstOf(judgements: readonly Judgement[]): Severity {
  return judgements.reduce<Severity>((worst, { severity }) => {
    return severities.indexOf(severity) > severities.indexOf(worst) ? severity : worst;
  }, "ok");
}
