import type { ThreadTrace } from "../trace/types.ts";
import { resultDigests } from "./manifest.ts";
import type { Manifest } from "./manifest-schema.ts";
import type { Traced } from "./types.ts";

type RecordedThread = Pick<ThreadTrace, "tid"> & { readonly frames: readonly unknown[] };

/** What is still known of the recorded result itself; the manifest has no more than its digests. */
export type Recorded = {
  readonly fields: ReadonlyMap<string, string>;
  readonly threads: readonly RecordedThread[] | null;
};

/** In words, where a result differs from the one that a manifest tells of. */
export function differencesIn(
  result: Pick<Traced, "fields" | "threads">,
  manifest: Manifest,
  recorded: Recorded,
): readonly string[] {
  const now = resultDigests(result);
  const then = manifest.result;
  const names = new Set([...Object.keys(then.fields), ...Object.keys(now.fields)]);
  const differing = [...names].filter((name) => then.fields[name] !== now.fields[name]);
  const fields = differing.map((name) =>
    fieldDifference(name, recorded.fields.get(name), result.fields.get(name), then),
  );
  if (then.threads === now.threads) return fields;
  return [...fields, frameDifference(recorded.threads, result.threads)];
}

function fieldDifference(
  name: string,
  recorded: string | undefined,
  value: string | undefined,
  then: Manifest["result"],
): string {
  if (then.fields[name] === undefined) return `field ${name}: was not there`;
  if (value === undefined) return `field ${name}: is not there any more`;
  if (recorded === undefined || recorded === value) return `field ${name}: differs`;
  const [before, after] = [recorded.split("\n"), value.split("\n")];
  const line = after.findIndex((text, index) => text !== before[index]);
  if (line < 0) return `field ${name}: was ${before.length - after.length} lines longer`;
  return `field ${name}: line ${line + 1} was "${before[line] ?? ""}" and is "${after[line]}" now`;
}

function frameDifference(recorded: Recorded["threads"], threads: Traced["threads"]): string {
  if (recorded === null) return "frames: differ";
  if (recorded.length !== threads.length) return `frames: of ${recorded.length} threads, and of ${threads.length} now`;
  for (const [index, thread] of threads.entries()) {
    const before = recorded[index]?.frames ?? [];
    const frame = thread.frames.findIndex((now, at) => JSON.stringify(now) !== JSON.stringify(before[at]));
    if (frame >= 0) return `frames: thread ${thread.tid} differs from frame #${frame} on`;
    if (before.length > thread.frames.length) return `frames: thread ${thread.tid} had ${before.length}`;
  }
  return "frames: differ from the manifest's, but not from the recorded ones";
}
