import type { SharedWork } from "../symbols/archive/shared-work.ts";
import { ServiceFailure } from "../system/failure.ts";
import { cachedPath, fetchFiles } from "./fetch-files.ts";
import { listedSource } from "./listed-source.ts";
import type { SourceArchive, SourcesOptions } from "./open-archive.ts";
import { neededFiles, type PackageParts, packageParts } from "./package-parts.ts";
import { patchedFiles, type TreeText } from "./patched-files.ts";
import { absentUntilAsked, recallAbsent, type SourceAbsence } from "./remembered-absence.ts";
import { treePlace } from "./source-path.ts";
import type { SourceShelf } from "./source-shelf.ts";
import type { ListedSource, SourcePackage } from "./types.ts";

/** One source package, and all that is needed to read it. */
export type SourceDesk = {
  readonly source: SourcePackage;
  readonly archive: SourceArchive;
  readonly shelf: SourceShelf;
  readonly options: SourcesOptions;
  readonly signal: AbortSignal;
};

/** A file by the names that it may have, best first. */
export type FileNames = readonly string[];

/** By `keyOf` a file. */
export type Texts = ReadonlyMap<string, TreeText>;

export function keyOf(file: FileNames): string {
  return JSON.stringify(file);
}

/** What was read of the source package before: a warm retrace needs nothing else. */
export async function shelvedTexts({ shelf }: SourceDesk, files: readonly FileNames[]): Promise<Texts> {
  const texts = new Map<string, TreeText>();
  for (const file of files) {
    const text = await shelf.text(file);
    if (text !== null) texts.set(keyOf(file), text);
  }
  return texts;
}

/**
 * Reads files of a source package, fetching it if need be, and keeps them.
 *
 * @throws ServiceFailure when it is listed and cannot be fetched
 */
export async function packageTexts(desk: SourceDesk, files: readonly FileNames[]): Promise<Texts> {
  const { source, archive, options } = desk;
  const absence = { archive, buildId: "", question: `${source.name}=${source.version}` };
  const absent = await recallAbsent(absence, options.cache);
  if (absent !== null) return allWithout(files, absent);
  const listed = await fetchedSource(desk, absence);
  if (typeof listed === "string") return allWithout(files, listed);
  const parts = packageParts(listed);
  if (parts === null) return allWithout(files, `its source package has the unknown form ${listed.format}`);
  const texts = await readTexts(desk, parts, files);
  for (const [file, text] of texts) await desk.shelf.keepText(file, text);
  return new Map([...texts].map(([file, text]) => [keyOf(file), text]));
}

// Larger ones (games' data) would cost more than a few lines of source are worth.
const maxPackageBytes = 2 * 1024 ** 3;

async function fetchedSource(desk: SourceDesk, absence: SourceAbsence): Promise<ListedSource | string> {
  const { source, archive, shelf, options, signal } = desk;
  const known = await shelf.listed();
  const listedAfter = async (update: SharedWork): Promise<ListedSource | string> => {
    await update(signal);
    const listed = await listedSource(source, archive, signal);
    if (typeof listed === "string") return await absentUntilAsked(absence, listed, options.cache);
    await shelf.keepListed(listed);
    return listed;
  };
  const listed = known ?? (await listedAfter(archive.freshSources));
  if (typeof listed === "string") return listed;
  try {
    return await fetched(desk, listed);
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    // What was listed may be gone: it was long ago, or the archive was published anew a moment ago. New lists tell;
    // if it is listed still, the failure is real.
    const again = await listedAfter(archive.updateSources);
    return typeof again === "string" ? again : await fetched(desk, again);
  }
}

async function fetched({ archive, options, signal }: SourceDesk, listed: ListedSource): Promise<ListedSource | string> {
  const parts = packageParts(listed);
  if (parts === null) return listed;
  const files = neededFiles(parts);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (sizeBytes > maxPackageBytes) return `its source package is too large (${sizeBytes} bytes)`;
  const { cache, timeoutMs, log } = options;
  log.detail("fetching source package", { package: `${listed.name}=${listed.version}` });
  await fetchFiles(listed, files, await archive.root(signal), cache, timeoutMs, signal);
  return listed;
}

async function readTexts(
  desk: SourceDesk,
  parts: PackageParts,
  files: readonly FileNames[],
): Promise<ReadonlyMap<FileNames, TreeText>> {
  const { source, archive, signal } = desk;
  const { packagesFolder } = await archive.root(signal);
  const asked = files.flatMap((file) => file.map((name) => ({ file, place: treePlace(name, source.name) })));
  const inside = asked.flatMap(({ file, place }) => (place === null ? [] : [{ file, place }]));
  const places = inside.map(({ place }) => place);
  const found = await patchedFiles(parts, (file) => cachedPath(packagesFolder, file), places, signal);
  return new Map(files.map((file) => [file, theOne(found.filter((_, index) => inside[index]?.file === file))]));
}

// `./util.c` may be meant from the top of the tree or from the folder of its compilation. Where both are there, any
// choice may show another file's lines.
function theOne(found: readonly TreeText[]): TreeText {
  const [first, ...others] = found.filter(({ kind }) => kind === "text");
  if (first?.kind !== "text") return found[0] ?? { kind: "none", reason: "its path leads out of the source package" };
  const isCertain = others.every((other) => other.kind === "text" && other.path === first.path);
  return isCertain ? first : { kind: "none", reason: "two files of the source package may be meant" };
}

function allWithout(files: readonly FileNames[], reason: string): Texts {
  return new Map(files.map((file) => [keyOf(file), { kind: "none", reason }]));
}
