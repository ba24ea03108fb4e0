import { z } from "zod";
import { mostOnPage, operationUrl } from "../client/operation-url.ts";
import { publicationSchema } from "../entries.ts";
import { currentSeries, latestOf, publishedVersion } from "../published-version.ts";
import { seriesOf } from "../series.ts";
import { type Asking, remembered, rememberedOrLeft } from "./asking.ts";

// A series of Ubuntu has 38,000 published sources, which are 130 pages: from so many packages on, reading all of it costs
// less than asking for each.
const worthReadingAll = 150;

/**
 * The versions in which source packages are published in the current series, null for one that is not. One that is left
 * for the next run is missing.
 */
export async function publishedVersions(
  sourcePackages: readonly string[],
  asking: Asking,
): Promise<ReadonlyMap<string, string | null>> {
  const isWorthIt = sourcePackages.length >= worthReadingAll && asking.budget.allows(worthReadingAll);
  const all = isWorthIt ? await wholeSeries(asking) : null;
  const versions = new Map<string, string | null>();
  for (const name of sourcePackages) {
    // One that slipped through between two pages is asked for by itself.
    const version = all?.get(name) ?? (await versionOf(name, asking));
    if (version === null || typeof version === "string") versions.set(name, version);
  }
  return versions;
}

function versionOf(name: string, asking: Asking) {
  return rememberedOrLeft(`version ${name}`, z.string().nullable(), () => publishedVersion(asking, name), asking);
}

const keptSeries = z.array(z.tuple([z.string(), z.string()]));
const namedPublication = publicationSchema.extend({ source_package_name: z.string() });

async function wholeSeries(asking: Asking): Promise<ReadonlyMap<string, string>> {
  const { client, target, budget } = asking;
  const read = async (): Promise<z.output<typeof keptSeries>> => {
    const series = currentSeries(await seriesOf(asking));
    if (series === null) return [];
    const archive = client.url("devel", `${encodeURIComponent(target.name)}/+archive/primary`);
    const url = operationUrl(archive, "getPublishedSources", {
      distro_series: series.self_link,
      status: { option: "Published" },
      "ws.size": mostOnPage,
    });
    const listed = (await client.list(url, namedPublication)) ?? [];
    budget.add(Math.floor(listed.length / mostOnPage));
    const byName = Map.groupBy(listed, (each) => each.source_package_name);
    return [...byName].flatMap(([name, publications]) => {
      const version = latestOf(publications);
      return version === null ? [] : [[name, version] as [string, string]];
    });
  };
  return new Map(await remembered("versions of the whole series", keptSeries, read, asking));
}
