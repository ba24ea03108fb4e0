/** One metric of Prometheus with all its values. */
export type Family = {
  /** With its base unit at the end: `crash_digger_cache_bytes`. */
  readonly name: string;
  readonly help: string;
  /** A summary here has only a sum and a count. */
  readonly type: "gauge" | "counter" | "summary";
  readonly samples: readonly Sample[];
};

export type Sample = {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly suffix?: "_sum" | "_count";
};

/** Metrics as text, in Prometheus's exposition format 0.0.4. Those without a value are left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => [
      `# HELP ${family.name} ${escapedHelp(family.help)}`,
      `# TYPE ${family.name} ${family.type}`,
      ...family.samples.map((sample) => sampleLine(family.name, sample)),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function sampleLine(name: string, { labels = {}, value, suffix }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapedLabel(text)}"`);
  return `${name}${suffix ?? ""}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escapedHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

// Any other character may stand in a label's value, as long as it is UTF-8; half a surrogate pair is not.
function escapedLabel(text: string): string {
  return escapedHelp(text.toWellFormed()).replaceAll('"', '\\"');
}
