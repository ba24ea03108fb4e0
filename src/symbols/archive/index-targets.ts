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
  /** Where the archive is that it came from: `http://archive.example/debian/`. */
  readonly archiveUri: string;
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
  const format = "$(IDENTIFIER)\t$(FILENAME)\t$(REPO_URI)";
  const result = await run(
    ["apt-get", "indextargets", ...listOptions(root, kind), "--no-release-info", "--format", format],
    { deadlineMs: 60_000, env: root.environment, signal },
  );
  signal.throwIfAborted();
  requireAptSuccess(`apt-get indextargets for ${root.title}`, result, "Mend the package sources, then unlock.");
  const found = result.stdout
    .toString("utf8")
    .split("\n")
    .slice(0, maxLists)
    .map((line) => line.split("\t"))
    .filter(([name = "", path]) => identifiers[kind].includes(name) && path?.startsWith("/"));
  // An archive with a `deb` and a `deb-src` line has its Sources list twice.
  const archives = new Map(found.map(([, path = "", archiveUri = ""]) => [path, archiveUri]));
  const lists = await Promise.all([...archives].map(([path, archiveUri]) => onDisk(path, archiveUri)));
  return lists.filter((list) => list !== null);
}

const identifiers: Readonly<Record<ListKind, readonly string[]>> = {
  packages: ["Packages"],
  contents: ["Contents-deb"],
  sources: ["Sources-deb", "Sources"],
};

async function onDisk(path: string, archiveUri: string): Promise<FetchedList | null> {
  for (const ending of endings) {
    const found = await stat(path + ending, { bigint: true }).catch(() => null);
    if (found?.isFile()) {
      const identity = [path + ending, found.size, found.mtimeNs, found.ino].join(" ");
      return { path: path + ending, identity, archiveUri };
    }
  }
  return null;
}
