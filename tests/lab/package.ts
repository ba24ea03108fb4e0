import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SplitBinary } from "./build.ts";
import { temporaryFolder } from "./temporary.ts";
import { tool } from "./tool.ts";

/** One file of a package: a copy, a text, or a symbolic link. The mode is 0644 unless told. */
type PackagedFile =
  | { readonly from: string; readonly mode?: number }
  | { readonly text: string; readonly mode?: number }
  | { readonly linkTo: string };

export type PackageRecipe = {
  readonly name: string;
  readonly version: string;
  /** Debian architecture name, or `all`. */
  readonly architecture: string;
  /** Source package, where it is named otherwise. */
  readonly source?: string;
  readonly section?: string;
  readonly depends?: string;
  /** Ids for the `Build-Ids` field. */
  readonly buildIds?: readonly string[];
  /** Further fields of the control file. */
  readonly control?: Readonly<Record<string, string>>;
  /** Content, by absolute installed path. */
  readonly files: ReadonlyMap<string, PackagedFile>;
  readonly compression?: "xz" | "gzip" | "zstd" | "none";
  /** `ddeb` is how Ubuntu names its debug packages. */
  readonly extension?: "deb" | "ddeb";
};

export type BuiltPackage = {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
};

/** Builds a binary package with dpkg-deb. @returns where it is: `FOLDER/NAME_VERSION_ARCHITECTURE.deb`. */
export async function buildPackage(recipe: PackageRecipe, folder: string): Promise<BuiltPackage> {
  await using tree = await temporaryFolder("package");
  await mkdir(join(tree.path, "DEBIAN"), { mode: 0o755 });
  await writeFile(join(tree.path, "DEBIAN", "control"), controlOf(recipe));
  for (const [installedPath, file] of recipe.files) await place(file, join(tree.path, installedPath));
  await mkdir(folder, { recursive: true });
  const path = join(folder, fileNameOf(recipe));
  await tool(["dpkg-deb", "--build", "--root-owner-group", `-Z${recipe.compression ?? "xz"}`, tree.path, path]);
  const { name, version, architecture, source = name } = recipe;
  return { path, name, version, architecture, source };
}

/** What goes into a debug package: a split binary and the path under which its program is installed. */
type DebuggedFile = { readonly split: SplitBinary; readonly installedPath: string };

export type DebugPackageRecipe = Pick<
  PackageRecipe,
  "name" | "version" | "architecture" | "source" | "compression" | "extension" | "files"
> & {
  readonly binaries: readonly DebuggedFile[];
  /**
   * - `dbgsym`: made by debhelper beside the package, `.build-id` layout, with `Build-Ids`
   * - `dbgsym-without-ids`: the same, from an archive whose index does not show the ids
   * - `dbg`: a package of the older kind, debug files at `/usr/lib/debug` + the installed path
   */
  readonly kind: "dbgsym" | "dbgsym-without-ids" | "dbg";
};

/**
 * Builds the debug package of a package. @param recipe names and version are the described package's own;
 * `files` are further files, e.g. the shared one that dwz makes.
 */
export function buildDebugPackage(recipe: DebugPackageRecipe, folder: string): Promise<BuiltPackage> {
  const { name, source = name, binaries, kind, files, ...rest } = recipe;
  const debugFiles = binaries.map((binary): [string, PackagedFile] => [
    kind === "dbg" ? `/usr/lib/debug${binary.installedPath}` : debugPathOf(binary.split.buildId),
    { from: binary.split.debugFile },
  ]);
  return buildPackage(
    {
      ...rest,
      name: kind === "dbg" ? `${name}-dbg` : `${name}-dbgsym`,
      source,
      section: "debug",
      depends: `${name} (= ${recipe.version})`,
      ...(kind === "dbgsym" ? { buildIds: binaries.map((binary) => binary.split.buildId) } : {}),
      control: kind === "dbg" ? {} : { "Auto-Built-Package": "debug-symbols" },
      files: new Map([...debugFiles, ...files]),
    },
    folder,
  );
}

/** Where a debug file lies in the `.build-id` layout. */
export function debugPathOf(buildId: string): string {
  return `/usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
}

function controlOf(recipe: PackageRecipe): string {
  const fields: Record<string, string | undefined> = {
    Package: recipe.name,
    Source: recipe.source === recipe.name ? undefined : recipe.source,
    Version: recipe.version,
    Architecture: recipe.architecture,
    Section: recipe.section ?? "misc",
    Priority: "optional",
    Maintainer: "Crash Digger Lab <lab@archive.example>",
    Depends: recipe.depends,
    "Build-Ids": recipe.buildIds?.join(" "),
    ...recipe.control,
    Description: `${recipe.name}, made for a test`,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
}

async function place(file: PackagedFile, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  if ("linkTo" in file) return symlink(file.linkTo, path);
  if ("text" in file) await writeFile(path, file.text);
  else await copyFile(file.from, path);
  await chmod(path, file.mode ?? 0o644);
}

// dpkg leaves the epoch out of file names: `bash_5.2-1_amd64.deb` for version 1:5.2-1.
function fileNameOf(recipe: PackageRecipe): string {
  const version = recipe.version.replace(/^\d+:/, "");
  return `${recipe.name}_${version}_${recipe.architecture}.${recipe.extension ?? "deb"}`;
}
