import type { Manifest } from "./manifest-schema.ts";
import { missingFiles, pinnedFiles } from "./pinned-files.ts";
import { differencesIn, type Recorded } from "./result-differences.ts";
import { debugPrepared, prepare, readWholeCore } from "./retrace.ts";
import type { CrashToRetrace, RetraceServices } from "./types.ts";

/** How a repeated retrace compares with the recorded one. Notes are what changed without changing the result. */
export type Replayed =
  | { readonly kind: "identical"; readonly notes: readonly string[] }
  | { readonly kind: "differs"; readonly differences: readonly string[]; readonly notes: readonly string[] }
  | { readonly kind: "not-possible"; readonly reasons: readonly string[] };

/**
 * Repeats a retrace from its manifest, with exactly the files that it used, and compares the results.
 *
 * @param recordedThreads the frames of then, where they are known, to say which one differs.
 * @throws ServiceFailure as `retrace` does.
 */
export async function replay(
  crash: CrashToRetrace,
  manifest: Manifest,
  recordedThreads: Recorded["threads"],
  services: RetraceServices,
  signal: AbortSignal,
): Promise<Replayed> {
  const read = readWholeCore(crash.corePath);
  if (read.kind === "damaged") return { kind: "not-possible", reasons: [read.reason] };
  const before: CrashToRetrace = { ...crash, fields: withoutResult(crash.fields, manifest) };
  const pinned = { ...services, findSymbols: pinnedFiles(services.findSymbols, manifest) };
  await using prepared = await prepare(before, read.core, pinned, signal);
  const missing = missingFiles(manifest, prepared.modules, read.core);
  if (missing.length > 0) return { kind: "not-possible", reasons: missing };
  const result = await debugPrepared(before, read.core, prepared, services, signal);
  if (result.kind !== "traced") return { kind: "not-possible", reasons: [result.reason] };
  const differences = differencesIn(result, manifest, { fields: crash.fields, threads: recordedThreads });
  const notes = notesOn(manifest, result.manifest);
  return differences.length === 0 ? { kind: "identical", notes } : { kind: "differs", differences, notes };
}

// A traced report has the result among its fields; what the retrace itself found out has to be found out again.
function withoutResult(fields: ReadonlyMap<string, string>, manifest: Manifest): ReadonlyMap<string, string> {
  return new Map([...fields].filter(([name]) => !Object.hasOwn(manifest.result.fields, name)));
}

function notesOn(then: Manifest, now: Manifest): readonly string[] {
  const changed = (what: string, before: string, after: string): string[] =>
    before === after ? [] : [`${what} was ${before} and is ${after} now`];
  const commands = JSON.stringify(then.gdbCommands) === JSON.stringify(now.gdbCommands);
  return [
    ...changed("crash-digger", then.crashDigger, now.crashDigger),
    ...changed("gdb", then.gdb, now.gdb),
    ...changed("its environment", then.environment, now.environment),
    ...(commands ? [] : ["gdb is given other settings or commands now"]),
  ];
}
