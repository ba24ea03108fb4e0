import { usesChroots } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import { debugCore, openGdb } from "../debugger/debug-core.ts";
import type { DebuggerTask } from "../debugger/types.ts";
import { warmDebugger } from "../debugger/warm-debugger.ts";
import { writeSymbolIndex } from "../debugger/write-symbol-index.ts";
import type { RetraceServices } from "../retrace/types.ts";
import { createSources } from "../sources/sources.ts";
import type { Sources } from "../sources/types.ts";
import { type Archive, createArchive } from "../symbols/archive/archive.ts";
import type { Releases } from "../symbols/archive/releases.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import { createHostSource } from "../symbols/host/host.ts";
import { createSymbols } from "../symbols/symbols.ts";
import type { SymbolSource } from "../symbols/types.ts";
import { systemClock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import { version } from "../version.ts";
import { openCache } from "./cache.ts";
import { chrootServices } from "./chroots.ts";
import { debuggerLimits } from "./debugger-limits.ts";
import { nativeArchitecture } from "./open.ts";
import { publishedOnLaunchpad } from "./published.ts";

export type WiredRetrace = RetraceServices & { readonly archive: Archive };

/**
 * What a retrace needs: the ladder of symbol sources and gdb in its jail.
 *
 * @param signal ends what waits for Launchpad
 */
export async function wireRetrace(
  config: Config,
  log: Log,
  signal = new AbortController().signal,
): Promise<WiredRetrace> {
  const cache = await openCache(config);
  const archive = archiveOf(config, cache, log);
  const ladder: Record<Config["symbols"]["sources"][number], () => SymbolSource> = {
    host: () => createHostSource(cache),
    archive: () => archive,
    launchpad: () => publishedOnLaunchpad(config, { cache, archive, log, signal }),
  };
  const chroots = chrootServices(config, { cache, archive, log });
  const configured = config.symbols.sources.map((name) => ladder[name]());
  // Before the archive, which then has what could not be installed.
  const at = config.symbols.sources.indexOf("archive");
  const sources = usesChroots(config) ? configured.toSpliced(at, 0, chroots.source) : configured;
  const symbols = createSymbols({ cache, sources, log });
  return {
    archive,
    holdFiles: () => cache.hold(),
    openSystem: chroots.openSystem,
    findSymbols: (core, hints, signal) => symbols.find(core.modules, hints, signal),
    sources: sourcesOf(config, cache, log),
    makeIndex: async ({ buildId, path, architecture }, signal) => {
      const make = (output: string) => writeSymbolIndex(path, output, architecture, debuggerLimits(config), signal);
      return (await cache.store.addIndex(buildId, make)).path;
    },
    // It would be this machine's gdb, whatever release the crash is of.
    warmDebugger: async (workFolder, signal) =>
      usesChroots(config) ? null : await warmDebugger(workFolder, debuggerLimits(config), signal),
    debugCore: (task, signal, warm) => debugCore(task, debuggerLimits(config), signal, warm),
    version,
    clock: systemClock,
  };
}

// Source packages come from where binary packages come from.
function sourcesOf(config: Config, cache: SymbolCache, log: Log): Sources | null {
  const { source_lines, sources, apt_timeout_s } = config.symbols;
  if (!source_lines || !sources.includes("archive")) return null;
  return createSources({ cache, releases: releasesOf(config), timeoutMs: apt_timeout_s * 1000, log });
}

/**
 * Why there are no package sources for a release (null where a report names none), or null when there are. Without
 * an archive in the ladder nothing is asked by release.
 */
export async function whyNoSources(
  { archive }: WiredRetrace,
  config: Config,
  release: string | null,
  architecture: string,
): Promise<string | null> {
  if (!config.symbols.sources.includes("archive")) return null;
  const answer = await archive.releaseConfigured(release, architecture);
  return answer.configured ? null : answer.reason;
}

/** Opens gdb for the person at the terminal, in the same jail; resolves with its exit code. */
export function gdbByHand(task: DebuggerTask, config: Config): Promise<number> {
  return openGdb(task, debuggerLimits(config));
}

/** The archives of the configured releases. */
export function archiveOf(config: Config, cache: SymbolCache, log: Log): Archive {
  return createArchive({
    cache,
    releases: releasesOf(config),
    timeoutMs: config.symbols.apt_timeout_s * 1000,
    nativeArchitecture,
    log,
  });
}

function releasesOf({ releases }: Config): Releases {
  return releases === "system" ? { kind: "system" } : { kind: "folder", path: releases };
}
