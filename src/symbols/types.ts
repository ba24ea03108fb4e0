import type { CoreModule } from "../core/types.ts";

/** Package and version, as in the Package and Dependencies fields of a report. */
export type PackageHint = {
  readonly name: string;
  readonly version: string;
  /** `[origin: …]` of a third-party package. */
  readonly origin: string | null;
};

/** What a report says about where its files came from. Hints only: the build-id decides. */
export type SymbolHints = {
  /** DistroRelease, e.g. `Debian 12`. Hostile text: never a path before it was checked. */
  readonly release: string | null;
  /** Debian architecture name, e.g. `amd64`. Hostile text. */
  readonly architecture: string;
  readonly packages: readonly PackageHint[];
};

/** Hints that cost something to get: asked for when the store lacks a file, and only then. */
export type LaterHints = () => Promise<SymbolHints>;

/**
 * How far the files of one module are known.
 * - `matched`: the file and its debug symbols, both with the core's build-id
 * - `no-debug-symbols`: the file matched; nobody has its debug symbols (yet)
 * - `wrong-version`: the path is packaged, but no version at hand has the wanted build-id
 * - `not-packaged`: no package of the release ships the path
 * - `gone`: the version that the report names has left the archive
 * - `no-file`: it never was a file: the kernel's `[vdso]`, or an image that nothing in the core names
 * - `no-build-id`: the core does not say which file it was, so nothing can be proven
 */
export type ModuleStatus =
  | "matched"
  | "no-debug-symbols"
  | "wrong-version"
  | "not-packaged"
  | "gone"
  | "no-file"
  | "no-build-id";

/** Where a file came from, for the manifest. */
export type Provenance = {
  /** Name of the source: `store`, `host`, `archive`, … */
  readonly source: string;
  /** `package=version` where it came from a package. */
  readonly package: string | null;
  readonly sha256: string | null;
};

/** One row of the fidelity table. */
export type ModuleFidelity = {
  readonly path: string;
  readonly buildId: string | null;
  readonly status: ModuleStatus;
  /** One sentence for people: why it is so; empty for `matched`. */
  readonly reason: string;
  readonly versionWanted: string | null;
  readonly versionsAvailable: readonly string[];
  readonly executable: Provenance | null;
  readonly debug: Provenance | null;
};

/**
 * gdb's index of a module's symbols: a file of the store, or the file of which one is worth making, because its symbols
 * were here before: what is used a second time will be used a third time.
 */
export type SymbolIndex =
  | { readonly kind: "stored"; readonly path: string }
  | { readonly kind: "worth-making"; readonly symbolsPath: string }
  | { readonly kind: "none" };

/** A module with the verified files for it (absolute paths of regular files in the store). */
export type ResolvedModule = {
  readonly module: CoreModule;
  readonly executablePath: string | null;
  readonly debugPath: string | null;
  /** The dwz file that the debug file refers to, verified by its own build-id. */
  readonly dwz: {
    readonly path: string;
    readonly buildId: string;
    readonly name: string;
    readonly provenance: Provenance;
  } | null;
  /** Name by which others link to it, of the file at `executablePath`. */
  readonly soname: string | null;
  readonly symbolIndex: SymbolIndex;
  readonly fidelity: ModuleFidelity;
};

/** What a source was asked for: the parts of a module that are still missing. */
export type WantedModule = {
  readonly module: CoreModule;
  readonly needs: readonly SymbolPart[];
  /** The name of the debug file that the executable gives, where that is at hand. */
  readonly debugLink?: string | null;
};

export type SymbolPart = "executable" | "debug";

/** What a source can say about a module it could not deliver. */
export type Absence = {
  readonly status: Exclude<ModuleStatus, "matched">;
  readonly reason: string;
  readonly versionWanted: string | null;
  readonly versionsAvailable: readonly string[];
};

/** What one source did for one module. Whatever it found is already in the store. */
export type SourceAnswer = {
  readonly buildId: string;
  readonly executable: Provenance | null;
  readonly debug: Provenance | null;
  readonly absence: Absence | null;
};

/**
 * A rung of the ladder. It puts the files that it finds into the store, which verifies their build-ids.
 * Throws ServiceFailure when the source itself is broken (never when it merely lacks a file), TransientFailure when one
 * that is far away does not answer at the moment.
 */
export type SymbolSource = {
  readonly name: string;
  find(wanted: readonly WantedModule[], hints: SymbolHints, signal: AbortSignal): Promise<readonly SourceAnswer[]>;
};
