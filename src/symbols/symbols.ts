import type { CoreModule } from "../core/types.ts";
import type { Log } from "../system/log.ts";
import type { SymbolCache } from "./cache/symbol-cache.ts";
import { type Avenue, fidelityOf } from "./fidelity.ts";
import { isBuildId, isPlainPath } from "./module-path.ts";
import { buildIdFolder } from "./store/stored-file.ts";
import type { StoredFile } from "./store/types.ts";
import type {
  LaterHints,
  ResolvedModule,
  SymbolHints,
  SymbolIndex,
  SymbolPart,
  SymbolSource,
  WantedModule,
} from "./types.ts";

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
   * @param hints for the sources; not asked for as long as the store has everything
   * @throws ServiceFailure when a source or the store is broken
   */
  find(
    modules: readonly CoreModule[],
    hints: SymbolHints | LaterHints,
    signal: AbortSignal,
  ): Promise<readonly ResolvedModule[]>;
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
      const files = await filesOfAll(shelf, findable, new Map());
      const atFirst = new Map(files);
      const avenues = new Map<string, Avenue[]>();
      let known: SymbolHints | null = null;
      for (const source of sources) {
        const wanted = stillWanted(files, findable);
        if (wanted.length === 0) break;
        known ??= await hintsOf(hints);
        for (const { buildId, absence } of await source.find(wanted, known, signal)) {
          if (absence === null) continue;
          avenues.set(buildId, [...(avenues.get(buildId) ?? []), { source: source.name, absence }]);
        }
        await filesOfAll(
          shelf,
          wanted.map(({ module }) => module),
          files,
        );
        log.detail("symbol source asked", { source: source.name, modules: wanted.length });
      }
      return await Promise.all(
        modules.map(async (module) => {
          const buildId = module.buildId ?? "";
          const own = isFindable(module) ? (files.get(buildId) ?? noFiles) : noFiles;
          const symbolIndex = await indexFor(shelf, buildId, own, atFirst.get(buildId) ?? noFiles);
          return resolved(module, own, symbolIndex, avenues.get(buildId) ?? []);
        }),
      );
    },
  };
}

async function hintsOf(hints: SymbolHints | LaterHints): Promise<SymbolHints> {
  return typeof hints === "function" ? await hints() : hints;
}

/** The store as one `find` sees it: each build-id's use is noted once, before its files are looked at. */
type Shelf = Pick<SymbolCache["store"], "lookup" | "lookupIndex"> & {
  touch(buildIds: readonly string[]): Promise<void>;
};

function shelfOf({ store, touch }: SymbolsOptions["cache"]): Shelf {
  const touched = new Set<string>();
  return {
    lookup: (buildId, kind) => store.lookup(buildId, kind),
    lookupIndex: (buildId) => store.lookupIndex(buildId),
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
function stillWanted(files: ReadonlyMap<string, ModuleFiles>, modules: readonly CoreModule[]): readonly WantedModule[] {
  const wanted = new Map<string, WantedModule>();
  for (const module of modules) {
    const buildId = module.buildId ?? "";
    const own = files.get(buildId) ?? noFiles;
    const needs = missingParts(own);
    if (needs.length === 0 || wanted.has(buildId)) continue;
    wanted.set(buildId, { module, needs, debugLink: own.executable?.elf.debugLink ?? null });
  }
  return [...wanted.values()];
}

/** What the store has for one module. */
type ModuleFiles = {
  readonly executable: StoredFile | null;
  readonly debug: StoredFile | null;
  readonly dwz: StoredFile | null;
};

const noFiles: ModuleFiles = { executable: null, debug: null, dwz: null };

/** Looks at the store for each build-id once, and notes in `files` what is there. */
async function filesOfAll(
  shelf: Shelf,
  modules: readonly CoreModule[],
  files: Map<string, ModuleFiles>,
): Promise<Map<string, ModuleFiles>> {
  const buildIds = [...new Set(modules.map((module) => module.buildId ?? ""))];
  for (const buildId of buildIds) files.set(buildId, await filesOf(shelf, buildId));
  return files;
}

async function filesOf(shelf: Shelf, buildId: string): Promise<ModuleFiles> {
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

// gdb looks an index up by the build-id of the file that it would read. A file that refers to a shared part (dwz) would
// need another index for that.
async function indexFor(shelf: Shelf, buildId: string, files: ModuleFiles, atFirst: ModuleFiles): Promise<SymbolIndex> {
  if (!hasSymbols(files) || files.dwz !== null) return { kind: "none" };
  const stored = await shelf.lookupIndex(buildId);
  if (stored !== null) return stored.path === null ? { kind: "none" } : { kind: "stored", path: stored.path };
  const symbolsPath = (files.debug ?? files.executable)?.path;
  return hasSymbols(atFirst) && symbolsPath !== undefined ? { kind: "worth-making", symbolsPath } : { kind: "none" };
}

function resolved(
  module: CoreModule,
  files: ModuleFiles,
  symbolIndex: SymbolIndex,
  avenues: readonly Avenue[],
): ResolvedModule {
  const { executable, debug, dwz } = files;
  const link = debug?.elf.debugAltLink ?? null;
  return {
    module,
    executablePath: executable?.path ?? null,
    debugPath: debug?.path ?? null,
    dwz: dwz === null || link === null ? null : { path: dwz.path, provenance: dwz.provenance, ...link },
    soname: executable?.elf.soname ?? null,
    symbolIndex,
    fidelity: fidelityOf(module, files, hasSymbols(files), avenues),
  };
}
