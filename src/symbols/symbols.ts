import type { CoreModule } from "../core/types.ts";
import type { Log } from "../system/log.ts";
import { type Avenue, fidelityOf } from "./fidelity.ts";
import { isBuildId, isPlainPath } from "./module-path.ts";
import type { SymbolStore } from "./store/symbol-store.ts";
import type { StoredFile } from "./store/types.ts";
import type { ResolvedModule, SymbolHints, SymbolPart, SymbolSource, WantedModule } from "./types.ts";

export type SymbolsOptions = {
  readonly store: SymbolStore;
  /** The ladder, asked in this order for what the store and those before did not have. */
  readonly sources: readonly SymbolSource[];
  readonly log: Log;
};

/** Finds the files of a core's modules. */
export type Symbols = {
  /**
   * One row for each module, in their order, with the verified files that could be found and, for what
   * could not, the reason of every avenue.
   *
   * @throws ServiceFailure when a source or the store is broken
   */
  find(modules: readonly CoreModule[], hints: SymbolHints, signal: AbortSignal): Promise<readonly ResolvedModule[]>;
};

// A process with more than a few hundred libraries is an attack, or a browser with every plug-in there is.
const maxModules = 4000;

/** The store and the ladder of sources, as one. */
export function createSymbols({ store, sources, log }: SymbolsOptions): Symbols {
  return {
    async find(modules, hints, signal) {
      const findable = modules.filter(isFindable).slice(0, maxModules);
      const avenues = new Map<string, Avenue[]>();
      for (const source of sources) {
        const wanted = await stillWanted(store, findable);
        if (wanted.length === 0) break;
        for (const { buildId, absence } of await source.find(wanted, hints, signal)) {
          if (absence === null) continue;
          avenues.set(buildId, [...(avenues.get(buildId) ?? []), { source: source.name, absence }]);
        }
        log.detail("symbol source asked", { source: source.name, modules: wanted.length });
      }
      return await Promise.all(modules.map((module) => resolve(store, module, avenues)));
    },
  };
}

function isFindable(module: CoreModule): boolean {
  return module.buildId !== null && isBuildId(module.buildId) && isPlainPath(module.path);
}

// The same library may be mapped twice (dlmopen): it is looked for once.
async function stillWanted(store: SymbolStore, modules: readonly CoreModule[]): Promise<readonly WantedModule[]> {
  const wanted = new Map<string, WantedModule>();
  for (const module of modules) {
    const needs = missingParts(await filesOf(store, module));
    if (needs.length > 0 && !wanted.has(module.buildId ?? "")) wanted.set(module.buildId ?? "", { module, needs });
  }
  return [...wanted.values()];
}

/** What the store has for one module. */
type ModuleFiles = {
  readonly executable: StoredFile | null;
  readonly debug: StoredFile | null;
  readonly dwz: StoredFile | null;
};

async function filesOf(store: SymbolStore, module: CoreModule): Promise<ModuleFiles> {
  const buildId = module.buildId ?? "";
  const debug = await store.lookup(buildId, "debug");
  const link = debug?.elf.debugAltLink ?? null;
  return {
    executable: await store.lookup(buildId, "executable"),
    debug,
    dwz: link === null ? null : await store.lookup(link.buildId, "dwz"),
  };
}

function missingParts(files: ModuleFiles): readonly SymbolPart[] {
  const parts: SymbolPart[] = [];
  if (files.executable === null) parts.push("executable");
  if (!hasSymbols(files)) parts.push("debug");
  return parts;
}

/** Whether a module's debug symbols are complete: in a debug file with its shared (dwz) part, or in itself. */
function hasSymbols({ executable, debug, dwz }: ModuleFiles): boolean {
  if (debug !== null) return debug.elf.debugAltLink === null || dwz !== null;
  return executable?.elf.hasDebugInfo === true && executable.elf.debugAltLink === null;
}

async function resolve(
  store: SymbolStore,
  module: CoreModule,
  avenues: ReadonlyMap<string, readonly Avenue[]>,
): Promise<ResolvedModule> {
  const files = isFindable(module) ? await filesOf(store, module) : { executable: null, debug: null, dwz: null };
  const link = files.debug?.elf.debugAltLink ?? null;
  return {
    module,
    executablePath: files.executable?.path ?? null,
    debugPath: files.debug?.path ?? null,
    dwz: files.dwz === null || link === null ? null : { path: files.dwz.path, ...link },
    fidelity: fidelityOf(module, files, hasSymbols(files), avenues.get(module.buildId ?? "") ?? []),
  };
}
