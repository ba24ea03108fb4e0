import type { Core, CoreModule } from "../core/types.ts";
import type { PackageHint, Provenance, ResolvedModule, SymbolHints } from "../symbols/types.ts";
import { manifestModules } from "./manifest.ts";
import type { Manifest, ManifestFile } from "./manifest-schema.ts";
import type { RetraceServices } from "./types.ts";

type FindSymbols = RetraceServices["findSymbols"];

/**
 * Finds the files of a manifest and no others: asks for the modules that had files then, names the packages that
 * they came from, and puts aside whatever has another sha256 or was not there then.
 */
export function pinnedFiles(findSymbols: FindSymbols, manifest: Manifest): FindSymbols {
  const pinned = new Map(manifest.modules.map((module) => [keyOf(module), module.files]));
  const filesOf = (module: CoreModule): readonly ManifestFile[] => pinned.get(keyOf(module)) ?? [];
  return async (core, hints, signal) => {
    const wanted = core.modules.filter((module) => filesOf(module).length > 0);
    const named = async (): Promise<SymbolHints> => withPackages(await hints(), manifest);
    const found = await findSymbols({ ...core, modules: wanted }, named, signal);
    const byModule = new Map(found.map((resolved) => [resolved.module, resolved]));
    return core.modules.map((module) => restricted(byModule.get(module) ?? nothingFor(module), filesOf(module)));
  };
}

/** In words, the files of the manifest that could not be had for these modules. */
export function missingFiles(manifest: Manifest, modules: readonly ResolvedModule[], core: Core): readonly string[] {
  const inCore = new Set(core.modules.map(keyOf));
  const had = new Set(manifestModules(modules).flatMap(({ files }) => files.map(fileKey)));
  return manifest.modules.flatMap((module) => {
    if (!inCore.has(keyOf(module))) return [`${module.path}: this core has no such module; the manifest is another's`];
    const missing = module.files.filter((file) => !had.has(fileKey(file)));
    return missing.map(({ kind, source, package: name, sha256 }) => {
      return `${module.path}: its ${kind} file of ${name ?? source} (sha256 ${sha256}) cannot be had`;
    });
  });
}

function keyOf({ path, buildId }: { readonly path: string; readonly buildId: string | null }): string {
  return `${buildId}\0${path}`;
}

function fileKey({ kind, buildId, sha256 }: ManifestFile): string {
  return `${kind} ${buildId} ${sha256}`;
}

// The archive takes the exact versions that a report names for the best guess, so name them first.
function withPackages(hints: SymbolHints, manifest: Manifest): SymbolHints {
  const files = manifest.modules.flatMap((module) => module.files);
  const names = new Set(files.flatMap((file) => (file.package === null ? [] : [file.package])));
  const packages = [...names].map((name): PackageHint => {
    const [packageName = "", version = ""] = name.split("=");
    return { name: packageName, version, origin: null };
  });
  return { ...hints, packages: [...packages, ...hints.packages] };
}

function restricted(resolved: ResolvedModule, files: readonly ManifestFile[]): ResolvedModule {
  const isPinned = (kind: ManifestFile["kind"], origin: Provenance | null | undefined): boolean =>
    files.some((file) => file.kind === kind && file.sha256 === origin?.sha256);
  const { fidelity, dwz } = resolved;
  const hasPinnedSymbols = isPinned(
    fidelity.debug === null ? "executable" : "debug",
    fidelity.debug ?? fidelity.executable,
  );
  return {
    ...resolved,
    symbolIndex: hasPinnedSymbols ? resolved.symbolIndex : { kind: "none" },
    executablePath: isPinned("executable", fidelity.executable) ? resolved.executablePath : null,
    debugPath: isPinned("debug", fidelity.debug) ? resolved.debugPath : null,
    dwz: isPinned("dwz", dwz?.provenance) ? dwz : null,
  };
}

function nothingFor(module: CoreModule): ResolvedModule {
  const { path, buildId } = module;
  return {
    module,
    executablePath: null,
    debugPath: null,
    dwz: null,
    soname: null,
    symbolIndex: { kind: "none" },
    fidelity: {
      path,
      buildId,
      status: "not-packaged",
      reason: "not asked for: it had no file when the manifest was made",
      versionWanted: null,
      versionsAvailable: [],
      executable: null,
      debug: null,
    },
  };
}
