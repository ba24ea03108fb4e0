import { openPackages } from "./open-packages.ts";
import type { OpenRelease } from "./open-release.ts";
import { packageIndex } from "./package-index.ts";

/** Which of the build-ids some package of the release lists, as of an update that this begins. */
export async function listedBuildIds(
  release: OpenRelease,
  buildIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  await release.updatePackages(signal);
  const database = await openPackages(release.root, signal);
  try {
    return await packageIndex(database).listed(buildIds);
  } finally {
    await database.close();
  }
}
