import { type FetchedList, fetchedLists } from "../symbols/archive/index-targets.ts";
import { ServiceFailure } from "../system/failure.ts";
import { describeEnd, run, succeeded } from "../system/process.ts";
import type { SourceArchive } from "./open-archive.ts";
import { sourceReader } from "./source-stanzas.ts";
import type { ListedSource, SourcePackage } from "./types.ts";

const readDeadlineMs = 10 * 60_000;
const maxListBytes = 8 * 1024 ** 3;

/**
 * Looks a source package up in the archive's lists as they are; text is the reason why it is not there. The lists are read
 * from end to end (bookworm's 50 MB in 0.2 s): they are asked once for each version, so an index would not pay.
 *
 * @throws ServiceFailure when the lists cannot be read
 */
export async function listedSource(
  wanted: SourcePackage,
  archive: SourceArchive,
  signal: AbortSignal,
): Promise<ListedSource | string> {
  const lists = await fetchedLists(await archive.root(signal), "sources", signal);
  if (lists.length === 0) return "the archive has no source packages";
  for (const list of lists) {
    const found = await lookIn(list, wanted, signal);
    if (found !== null) return found;
  }
  return `the archive does not have the source package ${wanted.name} ${wanted.version}`;
}

async function lookIn(list: FetchedList, wanted: SourcePackage, signal: AbortSignal): Promise<ListedSource | null> {
  const found: ListedSource[] = [];
  const reader = sourceReader([wanted], list.archiveUri, (source) => found.push(source));
  const result = await run(["/usr/lib/apt/apt-helper", "cat-file", list.path], {
    deadlineMs: readDeadlineMs,
    maxStdoutBytes: maxListBytes,
    onStdout: reader.take,
    signal,
  });
  signal.throwIfAborted();
  if (!succeeded(result)) {
    throw new ServiceFailure(`The package list ${list.path} cannot be read: ${describeEnd(result)} ${result.stderr}`, {
      remedy: "Remove the file; the next update fetches it again.",
    });
  }
  reader.end();
  return found[0] ?? null;
}
