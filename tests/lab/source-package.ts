import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Archive, poolFolder } from "./archive-layout.ts";
import { tool } from "./tool.ts";

export type SourceRecipe = {
  readonly name: string;
  /** `1.0-1`; without a revision for a native package. */
  readonly version: string;
  readonly format: "3.0 (quilt)" | "3.0 (native)" | "1.0";
  /** The upstream tree: texts by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Unified diffs (`-p1`) by name, in the order of their application. */
  readonly patches?: Readonly<Record<string, string>>;
  /** Further texts below the tree that upstream does not have. */
  readonly added?: Readonly<Record<string, string>>;
};

/** Builds a source package with dpkg-source. @returns its files, the description (`.dsc`) among them. */
export async function buildSourcePackage(recipe: SourceRecipe, folder: string): Promise<readonly string[]> {
  const { name, version, format, files, patches = {}, added = {} } = recipe;
  const upstream = version.replace(/-[^-]*$/, "");
  const work = join(folder, `source-${name}_${version}`);
  const tree = join(work, `${name}-${upstream}`);
  await writeTexts(tree, files);
  if (format !== "3.0 (native)") {
    await tool(["tar", "-C", work, "-cJf", join(work, `${name}_${upstream}.orig.tar.xz`), `${name}-${upstream}`]);
    // Format 1.0 knows gzip only.
    if (format === "1.0") await regzip(work, `${name}_${upstream}.orig.tar`);
  }
  await writeTexts(tree, { ...added, ...debianFiles(recipe) });
  if (Object.keys(patches).length > 0) {
    await writeTexts(join(tree, "debian", "patches"), { ...patches, series: `${Object.keys(patches).join("\n")}\n` });
  }
  await tool(["dpkg-source", "-b", `${name}-${upstream}`], { cwd: work });
  const built = (await readdir(work, { withFileTypes: true })).filter((entry) => entry.isFile());
  return built.map((entry) => join(work, entry.name));
}

/** Puts a source package into the pool. It is in the index after the next publish. */
export async function addSourcePackage(archive: Archive, name: string, files: readonly string[]): Promise<void> {
  const folder = poolFolder(archive, archive.options.components[0] ?? "main", name);
  await mkdir(folder, { recursive: true });
  for (const file of files) await copyFile(file, join(folder, file.slice(file.lastIndexOf("/") + 1)));
}

async function regzip(work: string, tar: string): Promise<void> {
  await tool(["xz", "-d", join(work, `${tar}.xz`)]);
  await tool(["gzip", "-n", join(work, tar)]);
}

function debianFiles({ name, version, format }: SourceRecipe): Record<string, string> {
  return {
    "debian/source/format": `${format}\n`,
    "debian/control": `Source: ${name}\nMaintainer: Lab <lab@archive.example>\nStandards-Version: 4.6.2\n\nPackage: ${name}\nArchitecture: any\nDescription: lab\n`,
    "debian/changelog": `${name} (${version}) lab; urgency=low\n\n  * Lab.\n\n -- Lab <lab@archive.example>  Sun, 22 Nov 2026 00:00:00 +0000\n`,
    "debian/rules": "#!/bin/sh\ntouch /tmp/crash-digger-ran-debian-rules\n",
  };
}

async function writeTexts(folder: string, texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
