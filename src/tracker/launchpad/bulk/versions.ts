import { z } from "zod";
import { operationUrl } from "../client/operation-url.ts";
import { publicationSchema } from "../entries.ts";
import { currentSeries, latestOf, publishedVersion } from "../published-version.ts";
import { seriesOf } from "../series.ts";
import { type Asking, remembered } from "./asking.ts";

// A series of Ubuntu has 38,000 published sources, which are 130 pages: from so many packages on, reading all of it costs
// less than asking for each.
const worthReadingAll = 150;

/** The versions in which source packages are published in the current series; what is not published is missing. */
export async function publishedVersions(
  sourcePackages: readonly string[],
  asking: Asking,
): Promise<ReadonlyMap<string, string>> {
  const all = sourcePackages.length < worthReadingAll ? null : await wholeSeries(asking);
  const versions = new Map<string, string>();
  for (const name of sourcePackages) {
    // One that slipped through between two pages is asked for by itself.
    const version = all?.get(name) ?? (await versionOf(name, asking));
    if (version !== null) versions.set(name, version);
  }
  return versions;
}

async function versionOf(name: string, asking: Asking): Promise<string | null> {
  return await remembered(`version ${name}`, z.string().nullable(), () => publishedVersion(asking, name), asking);
}

const keptSeries = z.array(z.tuple([z.string(), z.string()]));
const namedPublication = publicationSchema.extend({ source_package_name: z.string() });

async function wholeSeries(asking: Asking): Promise<ReadonlyMap<string, string>> {
  const { client, target } = asking;
  const read = async (): Promise<z.output<typeof keptSeries>> => {
    const series = currentSeries(await seriesOf(asking));
    if (series === null) return [];
    const archive = client.url("devel", `${encodeURIComponent(target.name)}/+archive/primary`);
    const url = operationUrl(archive, "getPublishedSources", {
      distro_series: series.self_link,
      status: { option: "Published" },
      "ws.size": 300,
    });
    const byName = Map.groupBy((await client.list(url, namedPublication)) ?? [], (each) => each.source_package_name);
    return [...byName].flatMap(([name, publications]) => {
      const version = latestOf(publications);
      return version === null ? [] : [[name, version] as [string, string]];
    });
  };
  return new Map(await remembered("versions of the whole series", keptSeries, read, asking));
}
