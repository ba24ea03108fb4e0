import { join } from "node:path";
import type { Database } from "../../database/open-database.ts";
import { openIndex } from "./built-index.ts";
import { exactVersion } from "./candidates.ts";
import { type ContentsSchema, contentsIndexRecipe, packagesShipping } from "./contents-index.ts";
import { fetchedLists } from "./index-targets.ts";
import { openPackages } from "./open-packages.ts";
import type { OpenRelease } from "./open-release.ts";
import { packageIndex } from "./package-index.ts";

/** What a release's lists tell as they are, without fetching anything. */
export type ArchiveView = AsyncDisposable & {
  /** Names of the packages that ship a path now; none when the Contents list was never needed. */
  shipping(path: string): Promise<readonly string[]>;
  /** Whether the archive has a package at exactly this version. */
  has(wanted: { readonly name: string; readonly version: string }): Promise<boolean>;
};

/** Opens the view; null when the lists were never fetched. @throws ServiceFailure when they cannot be read */
export async function archiveView({ root }: OpenRelease, signal: AbortSignal): Promise<ArchiveView | null> {
  if ((await fetchedLists(root, "packages", signal)).length === 0) return null;
  await using opened = new AsyncDisposableStack();
  const packages = opened.adopt(await openPackages(root, signal), (database) => database.close());
  const index = packageIndex(packages);
  const contentsLists = await fetchedLists(root, "contents", signal);
  const contents: Database<ContentsSchema> | null =
    contentsLists.length === 0
      ? null
      : opened.adopt(
          await openIndex<ContentsSchema>(join(root.folder, "index"), contentsIndexRecipe, contentsLists, signal),
          (database) => database.close(),
        );
  const everything = opened.move();
  return {
    shipping: async (path) => (contents === null ? [] : await packagesShipping(contents, path)),
    has: async (wanted) => (await exactVersion(index, wanted)).length > 0,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
