import type { ResolvedModule, SymbolHints } from "../symbols/types.ts";

/** A version of a source package. */
export type SourcePackage = { readonly name: string; readonly version: string };

/** One file of a source package, as the archive's index has it. */
export type PackageFile = { readonly name: string; readonly sha256: string; readonly sizeBytes: number };

/** A source package that an archive lists. */
export type ListedSource = SourcePackage & {
  /** `3.0 (quilt)`, `3.0 (native)`, `1.0`. */
  readonly format: string;
  /** Folder of its files, as apt fetches them. */
  readonly folderUri: string;
  readonly files: readonly PackageFile[];
};

/** A file that debug information names. */
export type SourceQuestion = {
  readonly module: ResolvedModule;
  /** Paths of the debug information, best first. Hostile. */
  readonly names: readonly string[];
};

/** The file as it was compiled, or why it cannot be had (a part of a sentence). */
export type SourceAnswer =
  | { readonly kind: "text"; readonly package: string; readonly path: string; readonly text: string }
  | { readonly kind: "none"; readonly reason: string };

/** A source package that was used, for the manifest. */
export type UsedSource = { readonly package: string; readonly files: readonly Omit<PackageFile, "sizeBytes">[] };

export type SourceAnswers = {
  /** In the order of the questions. */
  readonly answers: readonly SourceAnswer[];
  readonly used: readonly UsedSource[];
};

/** Finds the source files that frames name, each in the source package of its own module. */
export type Sources = {
  /**
   * Whoever calls holds the cache until it has the answers.
   *
   * @throws ServiceFailure when lists or packages cannot be fetched, or the cache not be written; a source package
   *   that is not there, or that makes no sense, is an answer.
   */
  find(questions: readonly SourceQuestion[], hints: SymbolHints, signal: AbortSignal): Promise<SourceAnswers>;
};
