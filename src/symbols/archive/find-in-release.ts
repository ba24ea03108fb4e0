import { basename } from "node:path";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import type { SourceAnswer } from "../types.ts";
import type { ArchiveMemory, ArchiveQuestion } from "./archive-memory.ts";
import { debugPackagesBeside } from "./candidates.ts";
import { fetchedLists } from "./index-targets.ts";
import { openPackages } from "./open-packages.ts";
import type { OpenRelease } from "./open-release.ts";
import { type ListedPackage, packageIndex } from "./package-index.ts";
import { type SearchResult, searchRelease } from "./search-release.ts";

type Services = { readonly cache: SymbolCache; readonly log: Log };

/**
 * Finds modules in one release's archive, with fresh lists.
 *
 * @throws ServiceFailure when an update, a list or a package cannot be had
 */
export async function findInRelease(
  release: OpenRelease,
  question: ArchiveQuestion,
  memory: ArchiveMemory,
  services: Services,
  signal: AbortSignal,
): Promise<readonly SourceAnswer[]> {
  await release.updatePackages(signal);
  const before = await listsNow(release, signal);
  try {
    return await ask(release, question, memory, services, signal);
  } catch (error) {
    if (!(error instanceof ServiceFailure) || !(await haveChanged(release, before, signal))) throw error;
    services.log.event("package lists changed during a search; searching once more", { reason: messageOf(error) });
    return await ask(release, question, memory, services, signal);
  }
}

// What new lists have not outdated is still known, so that one module that is new does not bring a download of the
// Contents list for all those that nobody ships.
async function ask(
  release: OpenRelease,
  { wanted, hints }: ArchiveQuestion,
  memory: ArchiveMemory,
  { cache, log }: Services,
  signal: AbortSignal,
): Promise<readonly SourceAnswer[]> {
  const database = await openPackages(release.root, signal);
  try {
    const known = await memory.recall({ wanted, hints });
    const open = wanted.filter(({ module }) => !known.has(module.buildId ?? ""));
    const index = packageIndex(database);
    const besides = (debug: ListedPackage, sharedBuildId: string) => debugPackagesBeside(index, debug, sharedBuildId);
    const tools = { source: "archive", index, besides, packages: release.packages, cache, log, signal };
    const name = basename(database.path);
    const { answers, missing }: SearchResult = await searchRelease(release, { wanted: open, hints }, tools, name);
    await memory.remember(missing, hints);
    return [...known.values(), ...answers];
  } finally {
    await database.close();
  }
}

async function listsNow(release: OpenRelease, signal: AbortSignal): Promise<string> {
  return (await fetchedLists(release.root, "packages", signal)).map(({ identity }) => identity).join("\n");
}

// A version that the index named may be gone a moment later: another process has updated the lists, or the archive
// was published anew and the old package is a 404. Fresh lists tell; if they are the same, the failure is real.
async function haveChanged(release: OpenRelease, before: string, signal: AbortSignal): Promise<boolean> {
  try {
    await release.updatePackages(signal);
    return (await listsNow(release, signal)) !== before;
  } catch (error) {
    if (error instanceof ServiceFailure) return false;
    throw error;
  }
}
