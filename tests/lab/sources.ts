import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Archive } from "./archive-layout.ts";

/** An archive under the address at which apt is to find it. */
export type PublishedArchive = {
  readonly archive: Archive;
  /** `http://127.0.0.1:PORT` or `file:/folder`. */
  readonly uri: string;
};

/** How apt comes to trust the archive: a key named in the source, the key in the source, or `trusted.gpg.d`. */
export type Trust = "signed-by-file" | "signed-by-inline" | "trusted-folder";

/** The line for a `sources.list`. */
function oneLineSource(published: PublishedArchive, trust: Trust): string {
  const { archive, uri } = published;
  return `deb ${optionOf(archive, trust)}${uri} ${archive.options.suite} ${archive.options.components.join(" ")}\n`;
}

function optionOf({ key }: Archive, trust: Trust): string {
  if (key === null) return "[trusted=yes] ";
  return trust === "trusted-folder" ? "" : `[signed-by=${key.publicKeyFile}] `;
}

/** The stanza for a `.sources` file (deb822). */
function deb822Source(published: PublishedArchive, trust: Trust): string {
  const { archive, uri } = published;
  const stanza = [
    "Types: deb",
    `URIs: ${uri}`,
    `Suites: ${archive.options.suite}`,
    `Components: ${archive.options.components.join(" ")}`,
  ];
  const { key } = archive;
  if (key === null) stanza.push("Trusted: yes");
  else if (trust === "signed-by-file") stanza.push(`Signed-By: ${key.publicKeyFile}`);
  else if (trust === "signed-by-inline") stanza.push(`Signed-By:${indented(key.armoredKey)}`);
  return `${stanza.join("\n")}\n`;
}

export type ReleaseFolder = {
  /** DistroRelease of the reports, e.g. `Lab 1`: the name of the folder. */
  readonly release: string;
  readonly codename: string;
  readonly sources: readonly PublishedArchive[];
  /** Which of the layouts that Apport reads: one file, or files in `sources.list.d`. `deb822` unless told. */
  readonly layout?: "sources.list" | "list" | "deb822";
  /** `trusted-folder` unless told; of no effect for an archive that is not signed. */
  readonly trust?: Trust;
};

/**
 * Writes a release's package sources as Apport's configuration folder has them.
 *
 * @param configFolder the folder of all releases; it is made.
 * @returns the release's own folder.
 */
export async function writeReleaseFolder(configFolder: string, release: ReleaseFolder): Promise<string> {
  const { layout = "deb822", trust = "trusted-folder" } = release;
  const folder = join(configFolder, release.release);
  await mkdir(join(folder, "trusted.gpg.d"), { recursive: true });
  await mkdir(join(folder, "sources.list.d"), { recursive: true });
  await writeFile(join(folder, "codename"), `${release.codename}\n`);
  const describe = layout === "deb822" ? deb822Source : oneLineSource;
  const text = release.sources.map((source) => describe(source, trust)).join(layout === "deb822" ? "\n" : "");
  await writeFile(join(folder, sourcesFileOf[layout]), text);
  if (trust === "trusted-folder") await trustKeys(join(folder, "trusted.gpg.d"), release.sources);
  return folder;
}

const sourcesFileOf = {
  "sources.list": "sources.list",
  list: "sources.list.d/lab.list",
  deb822: "sources.list.d/lab.sources",
} as const;

async function trustKeys(folder: string, sources: readonly PublishedArchive[]): Promise<void> {
  for (const [index, { archive }] of sources.entries()) {
    if (archive.key !== null) await copyFile(archive.key.publicKeyFile, join(folder, `lab-${index}.gpg`));
  }
}

// Lines of a deb822 value begin with a blank, and an empty one is a single dot.
function indented(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `\n ${line === "" ? "." : line}`)
    .join("");
}
