import { openByteReader } from "../core/byte-reader.ts";
import { readCore } from "../core/read-core.ts";
import type { Core } from "../core/types.ts";
import type { DebuggerTask } from "../debugger/types.ts";
import { jailFolders } from "../debugger/warm-debugger.ts";
import { buildIndexFolder, buildSysroot } from "../symbols/sysroot.ts";
import type { ResolvedModule, SymbolHints } from "../symbols/types.ts";
import { hintsFrom } from "./hints.ts";
import { manifestModules, manifestOf, type Preparation } from "./manifest.ts";
import { symbolIndexes } from "./symbol-indexes.ts";
import { tracedFrom } from "./traced.ts";
import type { CrashToRetrace, RetraceResult, RetraceServices } from "./types.ts";
import { withSource } from "./with-source.ts";

/**
 * One crash from its core to a trace with proof: reads the core's headers, finds the files of every module by
 * build-id, lets gdb look at core and files in the jail, and puts lines of source to the crashed thread's frames.
 *
 * @returns what was found; a broken report and a debugger that could not cope are values.
 * @throws ServiceFailure when the archive, the store or the jail is broken.
 */
export async function retrace(
  crash: CrashToRetrace,
  services: RetraceServices,
  signal: AbortSignal,
): Promise<RetraceResult> {
  const read = readWholeCore(crash.corePath);
  if (read.kind === "damaged") return read;
  await using prepared = await prepare(crash, read.core, services, signal);
  const result = await debugPrepared(crash, read.core, prepared, services, signal);
  if (result.kind !== "traced" || services.sources === null) return result;
  await using _held = await services.holdFiles();
  return await withSource(result, prepared.modules, hintsFrom(crash.fields, read.core), services.sources, signal);
}

/** The analysing side alone: gdb on a crash whose files are at hand. */
export async function debugPrepared(
  crash: CrashToRetrace,
  core: Core,
  prepared: Prepared,
  services: Pick<RetraceServices, "debugCore" | "clock">,
  signal: AbortSignal,
): Promise<RetraceResult> {
  const startedAt = services.clock.monotonicMs();
  const result = await services.debugCore(prepared.task, signal, crash.warm ?? null);
  if (result.kind !== "output") return result;
  const debuggerMs = Math.round(services.clock.monotonicMs() - startedAt);
  const traced = tracedFrom(crash.fields, core, prepared.modules, result.output);
  return { ...traced, manifest: manifestOf(prepared.preparation, result.output, debuggerMs, traced) };
}

/** A crash whose files are at hand, ready for gdb; keeps the system of its gdb until it is disposed of. */
export type Prepared = AsyncDisposable & {
  readonly task: DebuggerTask;
  readonly modules: readonly ResolvedModule[];
  readonly preparation: Preparation;
};

/** The fetching side alone: finds the files and builds the sysroot (for `retrace` and for a gdb session by hand). */
export async function prepare(
  crash: CrashToRetrace,
  core: Core,
  services: Pick<RetraceServices, "findSymbols" | "openSystem" | "makeIndex" | "holdFiles" | "clock" | "version">,
  signal: AbortSignal,
): Promise<Prepared> {
  const startedAt = services.clock.monotonicMs();
  const { architecture, release } = hintsFrom(crash.fields, core);
  const hints = async (): Promise<SymbolHints> => hintsFrom(await allFields(crash), core);
  await using opened = new AsyncDisposableStack();
  const system = await services.openSystem({ architecture, release }, signal);
  if (system !== null) opened.use(system);
  // Until the sysroot has links to them, another process might remove the files that were found.
  await using _held = await services.holdFiles();
  const modules = await services.findSymbols(core, hints, signal);
  const { sysroot, indexFolder } = jailFolders(crash.workFolder);
  await buildSysroot(sysroot, modules, core);
  // The indexes are this machine's gdb's: another version need not read them alike.
  const indexes = system === null ? await symbolIndexes(modules, architecture, services.makeIndex, signal) : new Map();
  await buildIndexFolder(indexFolder, indexes);
  const program = modules.find((resolved) => resolved.module.isExecutable && resolved.executablePath !== null);
  const executablePath = program?.module.path ?? null;
  const kept = opened.move();
  return {
    task: {
      corePath: crash.corePath,
      sysroot,
      indexFolder,
      executablePath,
      architecture,
      system: system?.root ?? null,
    },
    modules,
    preparation: {
      crashDigger: services.version,
      architecture,
      release,
      environment: system === null ? "unpacked" : `chroot ${system.version}`,
      modules: manifestModules(modules),
      symbolsMs: Math.round(services.clock.monotonicMs() - startedAt),
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function allFields({ fields, laterFields }: CrashToRetrace): Promise<ReadonlyMap<string, string>> {
  return laterFields === undefined ? fields : new Map([...fields, ...(await laterFields())]);
}

export type WholeCore =
  | { readonly kind: "whole"; readonly core: Core }
  | { readonly kind: "damaged"; readonly reason: string };

// gdb's words for a damaged core differ from version to version (13 says "has a segment extending past end of
// file"), and it goes on to print a frame or two of nonsense. The headers tell before gdb is started.
export function readWholeCore(path: string): WholeCore {
  const reader = openByteReader(path);
  try {
    const result = readCore(reader);
    if (!result.ok) return { kind: "damaged", reason: `the core dump is damaged: ${result.fault.message}` };
    const { truncatedBy } = result.core;
    if (truncatedBy === 0) return { kind: "whole", core: result.core };
    return {
      kind: "damaged",
      reason: `the core dump is cut off: ${truncatedBy} bytes of ${reader.sizeBytes + truncatedBy} are missing`,
    };
  } finally {
    reader.close();
  }
}
