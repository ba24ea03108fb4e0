import type { ListedSource, PackageFile } from "./types.ts";

/** The files of a source package by what they are for (dpkg-source(1), "SOURCE PACKAGE FORMATS"). */
export type PackageParts = {
  /** The upstream tree, or the whole one of a native package. */
  readonly main: PackageFile;
  /** Further upstream trees, each in a folder of its own. */
  readonly components: readonly { readonly folder: string; readonly file: PackageFile }[];
  /** What Debian adds: a tree below `debian/` with patches, or one patch. */
  readonly debian: { readonly kind: "tree" | "patch"; readonly file: PackageFile } | null;
};

const compressed = String.raw`\.tar\.(?:gz|bz2|xz|lzma|zst)$`;

/** Tells the parts of a source package apart; null when it has none of the known forms. */
export function packageParts({ format, files }: Pick<ListedSource, "format" | "files">): PackageParts | null {
  const named = (pattern: RegExp): PackageFile | null => files.find(({ name }) => pattern.test(name)) ?? null;
  const original = named(new RegExp(String.raw`\.orig${compressed}`));
  if (format === "3.0 (quilt)") {
    const debian = named(new RegExp(String.raw`\.debian${compressed}`));
    if (original === null || debian === null) return null;
    return { main: original, components: componentsOf(files), debian: { kind: "tree", file: debian } };
  }
  if (format !== "1.0" && format !== "3.0 (native)") return null;
  const main = original ?? named(new RegExp(compressed));
  const patch = named(/\.diff\.gz$/);
  if (main === null) return null;
  return { main, components: [], debian: patch === null ? null : { kind: "patch", file: patch } };
}

function componentsOf(files: readonly PackageFile[]): PackageParts["components"] {
  return files.flatMap((file) => {
    const folder = new RegExp(String.raw`\.orig-([A-Za-z0-9-]+)${compressed}`).exec(file.name)?.[1];
    return folder === undefined ? [] : [{ folder, file }];
  });
}

/** The parts as files to fetch; signatures and the description (`.dsc`) are not needed. */
export function neededFiles(parts: PackageParts): readonly PackageFile[] {
  const debian = parts.debian === null ? [] : [parts.debian.file];
  return [parts.main, ...parts.components.map(({ file }) => file), ...debian];
}
