import { join } from "node:path";
import type { CoreModule } from "../../../src/core/types.ts";
import { type Archive as ArchiveSource, createArchive as createSource } from "../../../src/symbols/archive/archive.ts";
import { openSymbolCache, type SymbolCache, type SymbolCacheOptions } from "../../../src/symbols/cache/symbol-cache.ts";
import { createSymbols, type Symbols } from "../../../src/symbols/symbols.ts";
import type { PackageHint, SymbolHints } from "../../../src/symbols/types.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { silentLog } from "../../../src/system/log.ts";
import { nativeArchitecture } from "../../lab/architecture.ts";
import { addPackages, createArchive, publish } from "../../lab/archive.ts";
import type { Archive, ArchiveOptions } from "../../lab/archive-layout.ts";
import type { BuiltPackage } from "../../lab/package.ts";
import { type LabServer, startServer } from "../../lab/server.ts";
import { writeReleaseFolder } from "../../lab/sources.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";

/** An archive behind a server, and the whole of symbols/ set up to use it. */
export type SymbolsWorld = AsyncDisposable & {
  readonly folder: string;
  readonly lab: Archive;
  readonly server: LabServer;
  readonly configFolder: string;
  readonly cache: SymbolCache;
  readonly archive: ArchiveSource;
  readonly symbols: Symbols;
  readonly hints: (...packages: readonly string[]) => SymbolHints;
};

export const release = "Lab 1";

export async function symbolsWorld(
  packages: readonly BuiltPackage[],
  { isSigned = false, ...options }: Partial<ArchiveOptions> & { readonly isSigned?: boolean } = {},
): Promise<SymbolsWorld> {
  const temporary: TemporaryFolder = await temporaryFolder("symbols");
  const folder = temporary.path;
  const architecture = await nativeArchitecture();
  const lab = await createArchive(join(folder, "archive"), {
    suite: "lab",
    codename: "lab",
    architectures: [architecture],
    ...(isSigned ? {} : { key: null }),
    ...options,
  });
  await addPackages(lab, packages);
  await publish(lab);
  const server = await startServer(lab.folder);
  const configFolder = join(folder, "config");
  await writeReleaseFolder(configFolder, { release, codename: "lab", sources: [{ archive: lab, uri: server.url }] });
  const { cache, archive, symbols } = await symbolsOver(configFolder, join(folder, "cache"));
  const dispose = async (): Promise<void> => {
    await server.close();
    await temporary.remove();
  };
  const hints = (...names: readonly string[]): SymbolHints => ({
    release,
    architecture,
    packages: names.map(hintFrom),
  });
  return { folder, lab, server, configFolder, cache, archive, symbols, hints, [Symbol.asyncDispose]: dispose };
}

/** symbols/ with an empty cache of its own, over the same configuration. */
export async function symbolsOver(
  configFolder: string,
  folder: string,
  options: Partial<Omit<SymbolCacheOptions, "folder">> = {},
) {
  const cache = await openTestCache(folder, options);
  const archive = createSource({
    cache,
    releases: { kind: "folder", path: configFolder },
    timeoutMs: 60_000,
    nativeArchitecture,
    log: silentLog,
  });
  return { cache, archive, symbols: createSymbols({ cache, sources: [archive], log: silentLog }) };
}

/** A cache with generous limits. */
export function openTestCache(
  folder: string,
  options: Partial<Omit<SymbolCacheOptions, "folder">> = {},
): Promise<SymbolCache> {
  return openSymbolCache({ folder, maxBytes: 1024 ** 3, negativeTtlMs: 3600_000, clock: systemClock, ...options });
}

function hintFrom(text: string): PackageHint {
  const [name = "", version = ""] = text.split("=");
  return { name, version, origin: null };
}

export function moduleAt(path: string, buildId: string | null, options: Partial<CoreModule> = {}): CoreModule {
  return { path, buildId, start: 0x1000n, end: 0x2000n, isExecutable: false, deleted: false, ...options };
}

export const neverAborted: AbortSignal = new AbortController().signal;
