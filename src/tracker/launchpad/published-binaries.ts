import type { Readable } from "node:stream";
import { z } from "zod";
import { operationUrl } from "./client/operation-url.ts";
import type { LaunchpadClient } from "./client/types.ts";

type Question = {
  readonly name: string;
  readonly version: string;
  /** DistroRelease of a report. Hostile text. */
  readonly release: string;
  readonly architecture: string;
};

type File = {
  readonly url: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly source: { readonly name: string; readonly version: string } | null;
};

type Answer = { readonly kind: "published"; readonly file: File } | { readonly kind: "none"; readonly reason: string };

/** Every binary package that was ever published in a distribution's primary archive. */
export type LaunchpadBinaries = {
  readonly name: string;
  readonly identity: string;
  serves(release: string | null): boolean;
  find(question: Question): Promise<Answer>;
  open(file: Pick<File, "url">): Promise<Readable | null>;
};

// Whoever reads stops at the length that the file has to have.
const maxFileBytes = 64 * 1024 ** 3;

/** @param distribution Launchpad's name of it, `ubuntu`; the DistroRelease of its crashes begins with it. */
export function launchpadBinaries(client: LaunchpadClient, distribution: string): LaunchpadBinaries {
  const root = client.url("devel", encodeURIComponent(distribution));
  const seriesOf = once(async () => (await client.list(`${root}/series`, seriesSchema)) ?? []);
  const known = new Map<string, string | null>();
  const archSeries = async (version: string | null, architecture: string): Promise<string | null> => {
    const key = `${version} ${architecture}`;
    const series = (await seriesOf()).find((each) => each.version === version);
    if (series !== undefined && !known.has(key)) known.set(key, await archSeriesOf(client, series, architecture));
    return known.get(key) ?? null;
  };
  return {
    name: "launchpad",
    identity: root,
    serves: (release) => seriesVersion(release, distribution) !== null,
    find: async (question) => {
      const { name, version, release, architecture } = question;
      const series = await archSeries(seriesVersion(release, distribution), architecture);
      if (series === null) return none(`${distribution} has no release ${release} for ${architecture} there`);
      const published = await findPublication(client, root, question, series);
      if (published === null) return none(`${name} ${version} was never published in ${release} for ${architecture}`);
      return await fileOf(client, published);
    },
    open: async ({ url }) => (await client.download(url, maxFileBytes))?.body ?? null,
  };
}

// `Ubuntu 24.04`, and on some machines `Ubuntu 24.04.1`, of the series with the version 24.04.
function seriesVersion(release: string | null, distribution: string): string | null {
  const [, name = "", version = ""] =
    /^([A-Za-z][A-Za-z0-9.+-]*) (\d{1,4}\.\d{1,4})(?:\.\d{1,4})*$/.exec(release ?? "") ?? [];
  return name.toLowerCase() === distribution ? version : null;
}

const seriesSchema = z.object({ self_link: z.string(), version: z.string() });
const archSeriesSchema = z.object({ self_link: z.string() });

// An architecture that the series does not have would be a fault of the request, and so of the service's. It comes from a
// core or a report: it is looked up first.
async function archSeriesOf(
  client: LaunchpadClient,
  series: z.output<typeof seriesSchema>,
  architecture: string,
): Promise<string | null> {
  if (!/^[a-z0-9][a-z0-9-]{1,31}$/.test(architecture)) return null;
  return (await client.get(`${series.self_link}/${architecture}`, archSeriesSchema))?.self_link ?? null;
}

const publicationSchema = z.object({
  self_link: z.string(),
  binary_package_name: z.string(),
  binary_package_version: z.string(),
  source_package_name: z.string().nullish(),
  source_package_version: z.string().nullish(),
});
type Publication = z.output<typeof publicationSchema>;

async function findPublication(
  client: LaunchpadClient,
  root: string,
  { name, version }: Question,
  series: string,
): Promise<Publication | null> {
  const url = operationUrl(`${root}/+archive/primary`, "getPublishedBinaries", {
    exact_match: true,
    binary_name: name,
    version,
    distro_arch_series: series,
  });
  // One for each pocket that it went through; all of them are the same file.
  const published = (await client.list(url, publicationSchema)) ?? [];
  const isIt = (each: Publication) => each.binary_package_name === name && each.binary_package_version === version;
  return published.find(isIt) ?? null;
}

// With include_meta each file is described; a Launchpad that does not know the word gives bare addresses.
const filesSchema = z.array(
  z.union([
    z.string(),
    z.object({ url: z.string(), size: z.int().positive().nullish(), sha256: z.string().nullish() }),
  ]),
);

async function fileOf(client: LaunchpadClient, publication: Publication): Promise<Answer> {
  const { binary_package_name: name, binary_package_version: version } = publication;
  const what = `${name} ${version}`;
  const url = operationUrl(publication.self_link, "binaryFileUrls", { include_meta: true });
  const [file] = (await client.get(url, filesSchema)) ?? [];
  if (file === undefined) return none(`the files of ${what} are not there any more`);
  if (typeof file === "string" || typeof file.size !== "number" || !/^[0-9a-f]{64}$/.test(file.sha256 ?? "")) {
    return none(`nothing says which sha256 the file of ${what} has, so that it is not used`);
  }
  const { source_package_name: sourceName, source_package_version: sourceVersion } = publication;
  const source = sourceName && sourceVersion ? { name: sourceName, version: sourceVersion } : null;
  return { kind: "published", file: { url: file.url, sizeBytes: file.size, sha256: file.sha256 ?? "", source } };
}

function none(reason: string): Answer {
  return { kind: "none", reason };
}

/** Asks once; what failed is asked again. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: { readonly is: T } | null = null;
  return async () => {
    answer ??= { is: await ask() };
    return answer.is;
  };
}
