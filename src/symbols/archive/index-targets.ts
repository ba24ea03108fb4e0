import { stat } from "node:fs/promises";
import { run } from "../../system/process.ts";
import { requireAptSuccess } from "./apt-failure.ts";
import type { AptRoot } from "./apt-root.ts";
import { type ListKind, listOptions } from "./update.ts";

/** A list that was fetched, as it lies on disk (maybe compressed). */
export type FetchedList = {
  readonly path: string;
  /** Changes whenever the list does: path, size, time and inode. */
  readonly identity: string;
};

// What apt appends when it keeps a list compressed (configure-index: CompressionTypes).
const endings = ["", ".lz4", ".xz", ".zst", ".gz", ".bz2", ".lzma"];
const maxLists = 2000;

/**
 * The lists of one kind that the private root has, in apt's order.
 *
 * @throws ServiceFailure when apt cannot tell
 */
export async function fetchedLists(
  root: AptRoot,
  kind: ListKind,
  signal: AbortSignal,
): Promise<readonly FetchedList[]> {
  const format = "$(IDENTIFIER)\t$(FILENAME)";
  const result = await run(
    ["apt-get", "indextargets", ...listOptions(root, kind), "--no-release-info", "--format", format],
    { deadlineMs: 60_000, env: root.environment, signal },
  );
  signal.throwIfAborted();
  requireAptSuccess(`apt-get indextargets for ${root.title}`, result, "Mend the package sources, then unlock.");
  const identifier = kind === "packages" ? "Packages" : "Contents-deb";
  const paths = result.stdout
    .toString("utf8")
    .split("\n")
    .slice(0, maxLists)
    .map((line) => line.split("\t"))
    .filter(([name, path]) => name === identifier && path?.startsWith("/"));
  const found = await Promise.all(paths.map(([, path]) => onDisk(path ?? "")));
  return found.filter((list) => list !== null);
}

async function onDisk(path: string): Promise<FetchedList | null> {
  for (const ending of endings) {
    const found = await stat(path + ending, { bigint: true }).catch(() => null);
    if (found?.isFile()) {
      return { path: path + ending, identity: [path + ending, found.size, found.mtimeNs, found.ino].join(" ") };
    }
  }
  return null;
}
