import { join } from "node:path";
import type { Database } from "../../database/open-database.ts";
import { ServiceFailure } from "../../system/failure.ts";
import type { AptRoot } from "./apt-root.ts";
import { openIndex } from "./built-index.ts";
import { fetchedLists } from "./index-targets.ts";
import { type PackageSchema, packageIndexRecipe } from "./package-index.ts";

/**
 * Opens the index of the package lists that a root has now, building it first where they are new.
 *
 * @throws ServiceFailure when there are none, or they cannot be read
 */
export async function openPackages(root: AptRoot, signal: AbortSignal): Promise<Database<PackageSchema>> {
  const lists = await fetchedLists(root, "packages", signal);
  if (lists.length === 0) {
    throw new ServiceFailure(`apt has no package lists for ${root.title} (${root.architecture})`, {
      remedy: "Check that the sources name an archive (`deb` lines) with packages for this architecture.",
    });
  }
  return openIndex<PackageSchema>(join(root.folder, "index"), packageIndexRecipe, lists, signal);
}
