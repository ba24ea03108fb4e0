import { type ApiAnswer, jsonAnswer, Refusal } from "./answer.ts";
import { booleanArgument, dateArgument, textArgument } from "./arguments.ts";
import type { Call } from "./call.ts";
import { operationCollection } from "./collection.ts";
import { publicationEntry } from "./entries.ts";
import { entryAnswer, pathOfLink } from "./entry.ts";
import type { Resource } from "./resource.ts";
import type { Distribution, Publication } from "./state.ts";

const pockets = ["Release", "Security", "Updates", "Proposed", "Backports"];
const statuses = ["Pending", "Published", "Superseded", "Deleted", "Obsolete"];

/** The youngest publication comes first. */
export function publishedSources(call: Call, distribution: Distribution): ApiAnswer {
  const name = textArgument(call, "source_name");
  const series = pathArgument(call, "distro_series");
  return answer(call, distribution, (publication) => {
    if (publication.binary !== null) return false;
    if (series !== null && series !== `${distribution.name}/${publication.series}`) return false;
    return isNamed(call, name, publication.source) && isVersion(call, publication.sourceVersion);
  });
}

export function publishedBinaries(call: Call, distribution: Distribution): ApiAnswer {
  const name = textArgument(call, "binary_name");
  const series = pathArgument(call, "distro_arch_series");
  return answer(call, distribution, ({ binary, series: published }) => {
    if (binary === null) return false;
    if (series !== null && series !== `${distribution.name}/${published}/${binary.architecture}`) return false;
    return isNamed(call, name, binary.name) && isVersion(call, binary.version);
  });
}

/** `+sourcepub/N`, `+binarypub/N` */
export function publicationResource(call: Call, distribution: Distribution, parts: readonly string[]): Resource | null {
  const [kind, id, ...rest] = parts;
  const publication = call.world.publications.find((one) => one.id === Number(id));
  if (publication === undefined || publication.distribution !== distribution.name || rest.length > 0) return null;
  if (kind !== (publication.binary === null ? "+sourcepub" : "+binarypub")) return null;
  const urls = { binaryFileUrls: () => jsonAnswer(fileUrls(call, publication)) };
  return {
    name: "publication",
    get: () => entryAnswer(call, publicationEntry(call, publication)),
    reads: urls,
    writes: urls,
  };
}

function answer(call: Call, distribution: Distribution, matches: (publication: Publication) => boolean): ApiAnswer {
  const status = choice(call, "status", statuses);
  const pocket = choice(call, "pocket", pockets);
  dateArgument(call, "created_since_date");
  const found = call.world.publications.filter(
    (one) =>
      one.distribution === distribution.name &&
      (status === null || one.status === status) &&
      (pocket === null || one.pocket === pocket) &&
      matches(one),
  );
  return operationCollection(
    call,
    found.reverse().map((one) => () => publicationEntry(call, one)),
  );
}

// Without exact_match a part of the name is enough.
function isNamed(call: Call, wanted: string | null, name: string): boolean {
  if (wanted === null) return true;
  return booleanArgument(call, "exact_match") === true ? name === wanted : name.includes(wanted);
}

function isVersion(call: Call, version: string): boolean {
  const wanted = textArgument(call, "version");
  return wanted === null || wanted === version;
}

function choice(call: Call, name: string, allowed: readonly string[]): string | null {
  const value = textArgument(call, name);
  if (value === null || allowed.includes(value)) return value;
  throw new Refusal(400, `${name}: Invalid value "${value}". Acceptable values are: ${allowed.join(", ")}`);
}

function pathArgument(call: Call, name: string): string | null {
  const link = textArgument(call, name);
  return link === null ? null : (pathOfLink(call, link) ?? link);
}

/** Bare addresses, or with `include_meta` what each file has to be. */
function fileUrls(call: Call, publication: Publication): readonly unknown[] {
  const files = publication.binary?.files ?? [];
  const isDescribed = booleanArgument(call, "include_meta") === true;
  return files.map(({ name, file }, at) => {
    const url = call.librarianUrl({
      id: publication.id * 100 + at,
      name,
      contentType: "application/vnd.debian.binary-package",
      file,
      isRestricted: () => false,
    });
    return isDescribed ? { url, size: file.sizeBytes, sha1: null, sha256: file.sha256 } : url;
  });
}
