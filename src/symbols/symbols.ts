import type { CoreModule } from "../core/types.ts";
import type { Log } from "../system/log.ts";
import type { SymbolCache } from "./cache/symbol-cache.ts";
import { type Avenue, fidelityOf } from "./fidelity.ts";
import { isBuildId, isPlainPath } from "./module-path.ts";
import { buildIdFolder } from "./store/stored-file.ts";
import type { StoredFile } from "./store/types.ts";
import type { ResolvedModule, SymbolHints, SymbolPart, SymbolSource, WantedModule } from "./types.ts";

export type SymbolsOptions = {
  readonly cache: Pick<SymbolCache, "store" | "touch">;
  /** The ladder, asked in this order for what the store and those before did not have. */
  readonly sources: readonly SymbolSource[];
  readonly log: Log;
};

/** Finds the files of a core's modules. */
export type Symbols = {
  /**
   * One row for each module, in their order, with the verified files that could be found and, for what
   * could not, the reason of every avenue. Whoever goes on to use the files holds the cache from before the
   * call until they are in the sysroot.
   *
   * @throws ServiceFailure when a source or the store is broken
   */
  find(modules: readonly CoreModule[], hints: SymbolHints, signal: AbortSignal): Promise<readonly ResolvedModule[]>;
};

// A process with more than a few hundred libraries is an attack, or a browser with every plug-in there is.
const maxModules = 4000;

/** The store and the ladder of sources, as one. */
export function createSymbols({ cache, sources, log }: SymbolsOptions): Symbols {
  return {
    async find(modules, hints, signal) {
      const findable = modules.filter(isFindable).slice(0, maxModules);
      const shelf = shelfOf(cache);
      await shelf.touch(findable.map((module) => module.buildId ?? ""));
      const avenues = new Map<string, Avenue[]>();
      for (const source of sources) {
        const wanted = await stillWanted(shelf, findable);
        if (wanted.length === 0) break;
        for (const { buildId, absence } of await source.find(wanted, hints, signal)) {
          if (absence === null) continue;
          avenues.set(buildId, [...(avenues.get(buildId) ?? []), { source: source.name, absence }]);
        }
        log.detail("symbol source asked", { source: source.name, modules: wanted.length });
      }
      return await Promise.all(modules.map((module) => resolve(shelf, module, avenues)));
    },
  };
}

/** The store as one `find` sees it: each build-id's use is noted once, before its files are looked at. */
type Shelf = Pick<SymbolCache["store"], "lookup"> & { touch(buildIds: readonly string[]): Promise<void> };

function shelfOf({ store, touch }: SymbolsOptions["cache"]): Shelf {
  const touched = new Set<string>();
  return {
    lookup: (buildId, kind) => store.lookup(buildId, kind),
    touch: async (buildIds) => {
      const fresh = [...new Set(buildIds)].filter((buildId) => isBuildId(buildId) && !touched.has(buildId));
      for (const buildId of fresh) touched.add(buildId);
      if (fresh.length > 0) await touch(fresh.map((buildId) => buildIdFolder(store.folder, buildId)));
    },
  };
}

function isFindable(module: CoreModule): boolean {
  return module.buildId !== null && isBuildId(module.buildId) && isPlainPath(module.path);
}

// The same library may be mapped twice (dlmopen): it is looked for once.
async function stillWanted(shelf: Shelf, modules: readonly CoreModule[]): Promise<readonly WantedModule[]> {
  const wanted = new Map<string, WantedModule>();
  for (const module of modules) {
    const needs = missingParts(await filesOf(shelf, module));
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

async function filesOf(shelf: Shelf, module: CoreModule): Promise<ModuleFiles> {
  const buildId = module.buildId ?? "";
  const debug = await shelf.lookup(buildId, "debug");
  const link = debug?.elf.debugAltLink ?? null;
  if (link !== null) await shelf.touch([link.buildId]);
  return {
    executable: await shelf.lookup(buildId, "executable"),
    debug,
    dwz: link === null ? null : await shelf.lookup(link.buildId, "dwz"),
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
  shelf: Shelf,
  module: CoreModule,
  avenues: ReadonlyMap<string, readonly Avenue[]>,
): Promise<ResolvedModule> {
  const files = isFindable(module) ? await filesOf(shelf, module) : { executable: null, debug: null, dwz: null };
  const link = files.debug?.elf.debugAltLink ?? null;
  return {
    module,
    executablePath: files.executable?.path ?? null,
    debugPath: files.debug?.path ?? null,
    dwz:
      files.dwz === null || link === null ? null : { path: files.dwz.path, provenance: files.dwz.provenance, ...link },
    fidelity: fidelityOf(module, files, hasSymbols(files), avenues.get(module.buildId ?? "") ?? []),
  };
}
