import { isPackageName } from "../symbols/archive/package-stanzas.ts";
import type { ListedSource, PackageFile, SourcePackage } from "./types.ts";

/** Takes pieces of a Sources list as they come; `end` tells that the last one was given. */
export type SourceReader = { readonly take: (piece: Buffer) => void; readonly end: () => void };

const maxLineLength = 1024 * 1024;
const maxFiles = 500;

/**
 * Looks for the stanzas of some source packages in a Sources list, in constant memory.
 *
 * @param archiveUri where the list's archive is, with a slash at the end.
 */
export function sourceReader(
  wanted: readonly SourcePackage[],
  archiveUri: string,
  onFound: (source: ListedSource) => void,
): SourceReader {
  const names = new Set(wanted.map(({ name }) => name));
  let rest = "";
  let stanza: string[] | null = null;
  const endStanza = (): void => {
    const found = stanza === null ? null : toSource(stanza, archiveUri);
    if (found !== null && wanted.some((each) => isSame(each, found))) onFound(found);
    stanza = null;
  };
  const takeLine = (line: string): void => {
    if (line === "") endStanza();
    else if (line.startsWith("Package: ")) stanza = names.has(line.slice("Package: ".length)) ? [line] : null;
    else if (stanza !== null) stanza.push(line);
  };
  return {
    take: (piece) => {
      const lines = (rest + piece.toString("latin1")).split("\n");
      rest = (lines.pop() ?? "").slice(0, maxLineLength);
      for (const line of lines) takeLine(line);
    },
    end: () => {
      takeLine(rest);
      endStanza();
    },
  };
}

export function isSame(one: SourcePackage, other: SourcePackage): boolean {
  return one.name === other.name && one.version === other.version;
}

function toSource(lines: readonly string[], archiveUri: string): ListedSource | null {
  const field = (name: string): string =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
  const name = field("Package");
  const folder = field("Directory");
  const files = filesIn(lines);
  if (!isPackageName(name) || !isPlainFolder(folder) || files === null || files.length === 0) return null;
  const folderUri = `${archiveUri.replace(/\/*$/, "/")}${folder === "." ? "" : `${folder}/`}`;
  return { name, version: field("Version"), format: field("Format") || "1.0", folderUri, files };
}

// Lines of `sha256 size name` below `Checksums-Sha256:`. One that is not of this form spoils the whole stanza.
function filesIn(lines: readonly string[]): readonly PackageFile[] | null {
  const start = lines.findIndex((line) => /^Checksums-Sha256:\s*$/.test(line));
  const files: PackageFile[] = [];
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    if (!line.startsWith(" ")) break;
    const [, sha256, size, name] = /^ ([0-9a-f]{64}) (\d{1,15}) ([A-Za-z0-9][A-Za-z0-9.+~_-]{0,250})$/.exec(line) ?? [];
    if (sha256 === undefined || name === undefined || files.length >= maxFiles) return null;
    files.push({ name, sha256, sizeBytes: Number(size) });
  }
  return files;
}

// Below the archive's own folder, and nothing that a URI would read in another way.
function isPlainFolder(text: string): boolean {
  return /^[A-Za-z0-9.+~_-]+(?:\/[A-Za-z0-9.+~_-]+)*$/.test(text) && !text.split("/").includes("..");
}
