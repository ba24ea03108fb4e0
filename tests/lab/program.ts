import { basename, join } from "node:path";
import { nativeArchitecture } from "./architecture.ts";
import { compile, type SplitBinary, splitDebug } from "./build.ts";
import { type BuiltPackage, buildDebugPackage, buildPackage, type DebugPackageRecipe } from "./package.ts";

export type ProgramRecipe = {
  /** Name of the package. */
  readonly name: string;
  readonly version: string;
  /** Source package, where it is named otherwise. */
  readonly source?: string;
  readonly sources: readonly [string, ...string[]];
  /** Further words for gcc. */
  readonly flags?: readonly string[];
  /** Absolute path under which the package ships it, and at which a crash has to run it. */
  readonly installedPath: string;
  readonly depends?: string;
  readonly debug?: DebugPackageRecipe["kind"];
  readonly extension?: "deb" | "ddeb";
};

/** A program (or library) in a package, with its debug package. */
export type PackagedProgram = {
  readonly recipe: ProgramRecipe;
  readonly package: BuiltPackage;
  readonly debugPackage: BuiltPackage;
  /** As gcc made it, with its debug information: the ground truth. */
  readonly unstripped: string;
  readonly split: SplitBinary;
};

/**
 * Compiles a program, splits its debug symbols off, and packages both. All files are made in the folder.
 */
export async function packageProgram(recipe: ProgramRecipe, folder: string): Promise<PackagedProgram> {
  const { name, version, source = name, installedPath, depends, debug = "dbgsym", extension = "deb" } = recipe;
  const work = join(folder, `${name}_${version}`);
  const unstripped = await compile({
    sources: recipe.sources,
    output: join(work, "built", basename(installedPath)),
    flags: recipe.flags ?? [],
  });
  const split = await splitDebug(unstripped, work);
  const identity = { name, version, source, architecture: await nativeArchitecture() };
  const built = await buildPackage(
    {
      ...identity,
      section: "utils",
      files: new Map([[installedPath, { from: split.stripped, mode: 0o755 }]]),
      ...(depends === undefined ? {} : { depends }),
    },
    join(folder, "debs"),
  );
  const debugPackage = await buildDebugPackage(
    { ...identity, kind: debug, extension, binaries: [{ split, installedPath }], files: new Map() },
    join(folder, "debs"),
  );
  return { recipe, package: built, debugPackage, unstripped, split };
}
