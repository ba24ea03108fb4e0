import { fetchedLists } from "../symbols/archive/index-targets.ts";
import { openPackages } from "../symbols/archive/open-packages.ts";
import { type PackageIndex, packageIndex } from "../symbols/archive/package-index.ts";
import { updateLists } from "../symbols/archive/update.ts";
import { rememberSource, sourceOf } from "../symbols/store/source-of.ts";
import type { ResolvedModule } from "../symbols/types.ts";
import type { SourceArchive, SourcesOptions } from "./open-archive.ts";
import { absentUntilAsked, recallAbsent } from "./remembered-absence.ts";
import type { SourcePackage } from "./types.ts";

const unknown = "no package of the release tells which source it was built from";

/**
 * The source package that a module was built from; text is the reason why it is not known. What the archive's
 * index says of the build-id counts before the name of a package, which may have been built anew under its version.
 *
 * @throws ServiceFailure when the package lists cannot be had
 */
export async function moduleSource(
  module: ResolvedModule,
  archive: SourceArchive,
  options: SourcesOptions,
  signal: AbortSignal,
): Promise<SourcePackage | string> {
  const { buildId } = module.module;
  if (buildId === null) return "the core does not hold its build-id";
  const { folder } = options.cache.store;
  const remembered = await sourceOf(folder, buildId);
  if (remembered !== null) return remembered;
  const absence = { archive, buildId, question: "built from" };
  if ((await recallAbsent(absence, options.cache)) !== null) return unknown;
  const found = await askIndex(module, buildId, archive, options, signal);
  if (found === null) return await absentUntilAsked(absence, unknown, options.cache);
  await rememberSource(folder, buildId, found);
  return found;
}

async function askIndex(
  module: ResolvedModule,
  buildId: string,
  archive: SourceArchive,
  options: SourcesOptions,
  signal: AbortSignal,
): Promise<SourcePackage | null> {
  const root = await archive.root(signal);
  // With all files at hand the archive may never have been asked before.
  if ((await fetchedLists(root, "packages", signal)).length === 0) {
    await updateLists(root, "packages", options, signal);
  }
  const database = await openPackages(root, signal);
  try {
    return await sourceIn(packageIndex(database), module, buildId);
  } finally {
    await database.close();
  }
}

async function sourceIn(index: PackageIndex, module: ResolvedModule, buildId: string): Promise<SourcePackage | null> {
  const [holding] = await index.holding(buildId);
  if (holding !== undefined) return { name: holding.source, version: holding.sourceVersion };
  const { executable, debug } = module.fidelity;
  const [name = "", version = ""] = (executable?.package ?? debug?.package ?? "").split("=");
  const same = name === "" ? [] : (await index.versionsOf(name)).filter((each) => each.version === version);
  const [first] = same;
  return first === undefined ? null : { name: first.source, version: first.sourceVersion };
}
