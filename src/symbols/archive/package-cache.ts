import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ServiceFailure } from "../../system/failure.ts";
import { run } from "../../system/process.ts";
import { asideName } from "../cache/owner.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import { requireAptSuccess } from "./apt-failure.ts";
import type { AptRoot } from "./apt-root.ts";
import { lockedApt } from "./locked-apt.ts";
import type { ListedPackage } from "./package-index.ts";

/** The packages that were downloaded with one private root. */
export type PackageCache = {
  /**
   * Fetches packages that the index lists, all in one go, those that we do not have.
   *
   * @returns their files, by sha256
   * @throws ServiceFailure when any of them cannot be had
   */
  fetch(packages: readonly ListedPackage[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
};

/** Opens the cache of a root. Downloads of one process go one after the other. */
export function packageCache(
  root: AptRoot,
  cache: Pick<SymbolCache, "touch" | "grew">,
  deadlineMs: number,
): PackageCache {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    async fetch(packages, signal) {
      const fetching = turn.then(() => fetchMissing(root, cache, packages, deadlineMs, signal));
      // How this one ended is told to its caller; the next in line only waits for it.
      turn = fetching.catch(() => {});
      return await fetching;
    },
  };
}

async function fetchMissing(
  root: AptRoot,
  cache: Pick<SymbolCache, "touch" | "grew">,
  packages: readonly ListedPackage[],
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  await cache.touch(packages.map((each) => pathOf(root, each)));
  const missing: ListedPackage[] = [];
  for (const each of packages) {
    if (!(await isThere(pathOf(root, each), each.sizeBytes))) missing.push(each);
  }
  if (missing.length > 0) {
    cache.grew();
    await download(root, missing, deadlineMs, signal);
  }
  return new Map(packages.map((each) => [each.sha256, pathOf(root, each)]));
}

function pathOf(root: AptRoot, wanted: ListedPackage): string {
  return join(root.packagesFolder, `${wanted.sha256}.deb`);
}

async function download(
  root: AptRoot,
  packages: readonly ListedPackage[],
  deadlineMs: number,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(root.packagesFolder, asideName());
  await mkdir(folder);
  try {
    const names = packages.map((each) => `${each.name}=${each.version}`);
    // A shared lock: many may download at once, but not while lists are being replaced.
    const command = lockedApt(root, "shared", Math.ceil(deadlineMs / 1000), ["download", "-q", ...names]);
    const result = await run(command, { deadlineMs, cwd: folder, env: root.environment, signal });
    signal.throwIfAborted();
    requireAptSuccess(`apt-get download ${names.join(" ")} from ${root.title}`, result, downloadRemedy);
    for (const each of packages) await keep(root, folder, each);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const downloadRemedy =
  "The archive lists these packages and did not deliver them: see whether the mirror is complete, then unlock.";

// apt-get download has exited 0 without a file (an interrupted proxy, an empty name list). Its word counts
// together with the file only. apt has compared the hash; the length tells us that this is that file.
async function keep(root: AptRoot, folder: string, wanted: ListedPackage): Promise<void> {
  const stem = `${wanted.name}_${wanted.version.replaceAll(":", "%3a")}_${wanted.architecture}`;
  for (const ending of ["deb", "ddeb"]) {
    const path = join(folder, `${stem}.${ending}`);
    if (!(await isThere(path, wanted.sizeBytes))) continue;
    await rename(path, pathOf(root, wanted));
    return;
  }
  const what = `${wanted.name}=${wanted.version}`;
  throw new ServiceFailure(`apt-get download ${what} said that all is well, but left no complete package`, {
    remedy: downloadRemedy,
  });
}

async function isThere(path: string, sizeBytes: number): Promise<boolean> {
  const status = await stat(path).catch(() => null);
  return status?.isFile() === true && status.size === sizeBytes;
}
