import type { z } from "zod";
import type { Launchpad } from "./bugs.ts";
import { operationUrl } from "./client/operation-url.ts";
import type { ReadingClient } from "./client/types.ts";
import { publicationSchema, type SeriesEntry } from "./entries.ts";
import { seriesOf } from "./series.ts";

/** The version of a source package that the distribution's current series ships; null when it ships none. */
export async function publishedVersion(
  launchpad: Pick<Launchpad, "target" | "memory"> & { readonly client: ReadingClient },
  sourcePackage: string,
): Promise<string | null> {
  const { client, target } = launchpad;
  const series = currentSeries(await seriesOf(launchpad));
  if (series === null) return null;
  const archive = client.url("devel", `${encodeURIComponent(target.name)}/+archive/primary`);
  const url = operationUrl(archive, "getPublishedSources", {
    exact_match: true,
    source_name: sourcePackage,
    distro_series: series.self_link,
    status: { option: "Published" },
  });
  const published = (await client.list(url, publicationSchema)) ?? [];
  return latestOf(published);
}

/** The version that people get of a package, out of its publications in a series; null when there is none. */
export function latestOf(published: readonly Publication[]): string | null {
  // What is in -proposed may never reach anybody, and what was deleted does not any more. Versions in a series only
  // ever grow, so that the latest publication has the highest.
  const reached = published.filter((each) => each.status === "Published" && each.pocket !== "Proposed");
  const latest = reached.sort((left, right) => compare(right.date_published ?? "", left.date_published ?? ""))[0];
  return latest?.source_package_version ?? null;
}

type Publication = Pick<
  z.output<typeof publicationSchema>,
  "status" | "pocket" | "date_published" | "source_package_version"
>;

// The development series where there is one: what is fixed is fixed there first.
const current: readonly string[] = ["Pre-release Freeze", "Active Development", "Current Stable Release", "Supported"];

/** The series whose packages count, out of all of a distribution, the newest first; null when it makes none any more. */
export function currentSeries<T extends Pick<SeriesEntry, "status">>(series: readonly T[]): T | null {
  for (const status of current) {
    const found = series.find((each) => each.status === status);
    if (found !== undefined) return found;
  }
  return null;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
