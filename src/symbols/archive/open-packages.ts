import { join } from "node:path";
import type { Database } from "../../database/open-database.ts";
import { ServiceFailure } from "../../system/failure.ts";
import type { AptRoot } from "./apt-root.ts";
import { openIndex } from "./built-index.ts";
import { fetchedLists } from "./index-targets.ts";
import { type PackageSchema, packageIndexRecipe } from "./package-index.ts";

/** The sources of a release name no packages for an architecture: a fault of the configuration, or of a report's core. */
export class NoPackageLists extends ServiceFailure {}

/**
 * Opens the index of the package lists that a root has now, building it first where they are new.
 *
 * @throws NoPackageLists when there are none, another ServiceFailure when they cannot be read
 */
export async function openPackages(root: AptRoot, signal: AbortSignal): Promise<Database<PackageSchema>> {
  const lists = await fetchedLists(root, "packages", signal);
  if (lists.length === 0) {
    throw new NoPackageLists(`apt has no package lists for ${root.title} (${root.architecture})`, {
      remedy: "Check that the sources name an archive (`deb` lines) with packages for this architecture.",
    });
  }
  return openIndex<PackageSchema>(join(root.folder, "index"), packageIndexRecipe, lists, signal);
}
