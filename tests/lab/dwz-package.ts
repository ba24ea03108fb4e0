import { basename, join } from "node:path";
import { nativeArchitecture } from "./architecture.ts";
import { compile, type SplitBinary, shareDebug, splitDebug } from "./build.ts";
import { type BuiltPackage, buildDebugPackage, buildPackage } from "./package.ts";

export type SharingRecipe = {
  readonly name: string;
  readonly version: string;
  /** Two at least, or there is nothing to share. */
  readonly programs: readonly [SharingProgram, SharingProgram, ...SharingProgram[]];
};

type SharingProgram = { readonly source: string; readonly installedPath: string };

export type SharingPackage = {
  readonly package: BuiltPackage;
  readonly debugPackage: BuiltPackage;
  /** In the order of the recipe. */
  readonly splits: readonly SplitBinary[];
  /** The dwz file: where the debug package installs it, and its own build-id. */
  readonly shared: { readonly installedPath: string; readonly buildId: string };
};

/**
 * One package of several programs whose debug files share what they have in common, as dh_dwz and
 * dh_strip leave it: the debug package has a file for each program and the shared one under
 * `/usr/lib/debug/.dwz/<triplet>/`, which only `.gnu_debugaltlink` leads to.
 */
export async function packageSharingDebug(recipe: SharingRecipe, folder: string): Promise<SharingPackage> {
  const { name, version } = recipe;
  const work = join(folder, `${name}_${version}`);
  const binaries = await compileAll(recipe, join(work, "built"));
  const installedPath = `/usr/lib/debug/.dwz/lab-linux-gnu/${name}.debug`;
  const shared = await shareDebug(binaries, join(work, `${name}.debug`), installedPath);
  const identity = { name, version, architecture: await nativeArchitecture() };
  const debugged: { split: SplitBinary; installedPath: string }[] = [];
  for (const [index, program] of recipe.programs.entries()) {
    const split = await splitDebug(binaries[index] ?? "", work);
    debugged.push({ split, installedPath: program.installedPath });
  }
  const files = new Map(debugged.map((each) => [each.installedPath, { from: each.split.stripped, mode: 0o755 }]));
  const debs = join(folder, "debs");
  return {
    package: await buildPackage({ ...identity, section: "utils", files }, debs),
    debugPackage: await buildDebugPackage(
      { ...identity, kind: "dbgsym", binaries: debugged, files: new Map([[installedPath, { from: shared.path }]]) },
      debs,
    ),
    splits: debugged.map((each) => each.split),
    shared: { installedPath, buildId: shared.buildId },
  };
}

async function compileAll(recipe: SharingRecipe, folder: string): Promise<[string, string, ...string[]]> {
  const build = ({ source, installedPath }: SharingProgram): Promise<string> =>
    compile({ sources: [source], output: join(folder, basename(installedPath)), flags: ["-lpthread"] });
  const [first, second, ...others] = recipe.programs;
  return [await build(first), await build(second), ...(await Promise.all(others.map(build)))];
}
