import { mkdir, rename, rm, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { requireAptSuccess } from "../symbols/archive/apt-failure.ts";
import type { AptRoot } from "../symbols/archive/apt-root.ts";
import { asideName } from "../symbols/cache/owner.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import { ServiceFailure } from "../system/failure.ts";
import { run } from "../system/process.ts";
import type { ListedSource, PackageFile } from "./types.ts";

/** Where a file of a source package lies in the cache: among the packages, under its sha256. */
export function cachedPath(packagesFolder: string, file: PackageFile): string {
  return join(packagesFolder, `${file.sha256}${extname(file.name)}`);
}

/**
 * Fetches files of a source package, those that the cache does not have. apt compares them with the sha256 of the
 * signed index.
 *
 * @throws ServiceFailure with apt's words
 */
export async function fetchFiles(
  source: ListedSource,
  files: readonly PackageFile[],
  root: AptRoot,
  cache: Pick<SymbolCache, "touch" | "grew">,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<void> {
  const target = (file: PackageFile): string => cachedPath(root.packagesFolder, file);
  await cache.touch(files.map(target));
  const missing: PackageFile[] = [];
  for (const file of files) if (!(await isThere(target(file), file))) missing.push(file);
  if (missing.length === 0) return;
  cache.grew();
  const folder = join(root.packagesFolder, asideName());
  await mkdir(folder);
  try {
    await download(source, missing, folder, root, deadlineMs, signal);
    for (const file of missing) await rename(join(folder, file.name), target(file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(
  { name, version, folderUri }: ListedSource,
  files: readonly PackageFile[],
  folder: string,
  root: AptRoot,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<void> {
  const largest = Math.max(...files.map(({ sizeBytes }) => sizeBytes));
  // apt-helper is told hashes only: without a limit, a mirror that never ends would fill the disk first. It gives a
  // file of a `file:` archive as a link to it, and a copy of one of a `copy:` archive.
  const limit = ["prlimit", `--fsize=${largest}`, "--"];
  const wishes = files.flatMap((file) => [
    `${folderUri.replace(/^file:/, "copy:")}${file.name}`,
    join(folder, file.name),
    `SHA256:${file.sha256}`,
  ]);
  const helper = ["/usr/lib/apt/apt-helper", "-qq", "download-file", ...wishes];
  const result = await run(["setpriv", "--pdeathsig", "KILL", ...limit, ...helper], {
    deadlineMs,
    env: root.environment,
    signal,
  });
  signal.throwIfAborted();
  const what = `Fetching the source package ${name} ${version} from ${root.title}`;
  requireAptSuccess(what, result, remedy);
  for (const file of files) {
    if (await isThere(join(folder, file.name), file)) continue;
    throw new ServiceFailure(`${what}: apt said that all is well, but left no complete ${file.name}`, { remedy });
  }
}

const remedy =
  "The archive lists this source package and did not deliver it: see whether the mirror is complete, then unlock. " +
  "Without source packages: source_lines = false in [symbols].";

async function isThere(path: string, { sizeBytes }: PackageFile): Promise<boolean> {
  const status = await stat(path).catch(() => null);
  return status?.isFile() === true && status.size === sizeBytes;
}
