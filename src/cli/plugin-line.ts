import { type Judgement, type Measure, type Severity, severities } from "../health/judgement.ts";
import type { Unit } from "../health/limits.ts";
import { printable } from "./printable.ts";

const longestText = 300;

/**
 * The line of a monitoring plugin: `CRASH-DIGGER WARNING - 2 dead letters | dead_letters=2;0;;0 …`. What is wrong comes
 * first, the gravest before the rest; then what is always worth telling. Its form is that of the Monitoring Plugins
 * Development Guidelines.
 */
export function pluginLine(state: Severity, judgements: readonly Judgement[]): string {
  const grave = severities.slice(1).toReversed();
  const wrong = grave.flatMap((severity) => judgements.filter((each) => each.severity === severity));
  const headlines = judgements.filter(({ severity, isHeadline }) => severity === "ok" && isHeadline === true);
  // Without a value it is something out of the ordinary, such as a tracker that is away.
  const notes = judgements.filter(({ severity, measure }) => severity === "ok" && measure === undefined);
  const texts = [...wrong, ...notes, ...headlines].map(({ text }) => plain(text));
  const values = judgements.flatMap(({ measure }) => (measure === undefined ? [] : [performanceOf(measure)]));
  const performance = values.length === 0 ? "" : ` | ${values.join(" ")}`;
  return `CRASH-DIGGER ${state.toUpperCase()} - ${texts.join(", ")}${performance}\n`;
}

// Whatever comes behind a "|" is taken for values, and a reason may be as long as apt's output.
function plain(text: string): string {
  const line = printable(text.split("\n", 1)[0] ?? "").replaceAll("|", "/");
  return line.length <= longestText ? line : `${line.slice(0, longestText)}…`;
}

const units: Readonly<Record<Unit, string>> = { seconds: "s", bytes: "B", count: "", percent: "%" };

// `name=value;warning;critical;least`. A range `5` is left above 5 (and below 0), `5:` below 5.
function performanceOf({ name, value, limit }: Measure): string {
  const range = (bound: number | null): string =>
    bound === null ? "" : `${bound}${limit.wrong === "below" ? ":" : ""}`;
  return `${name}=${value}${units[limit.unit]};${range(limit.warning)};${range(limit.critical)};0`;
}
