import { applyPatch } from "./apply-patch.ts";
import type { PackageParts } from "./package-parts.ts";
import type { FilePatch } from "./patch-text.ts";
import { type Patches, readPatches } from "./read-patches.ts";
import { closeness, type TreePlace } from "./source-path.ts";
import { readTree, type Wanted } from "./tree-files.ts";
import type { PackageFile } from "./types.ts";

/** A file of the tree as it was compiled, or why it is not to be had. */
export type TreeText =
  | { readonly kind: "text"; readonly path: string; readonly text: string }
  | { readonly kind: "none"; readonly reason: string };

/** Where a file of the package lies here. */
export type PathOf = (file: PackageFile) => string;

/**
 * Reads files out of a source package, with the package's patches applied to them, as dpkg-source unpacks it for a
 * build. Nothing of the package is run, and nothing of it is written anywhere.
 *
 * @returns one for each place, in their order.
 */
export async function patchedFiles(
  parts: PackageParts,
  pathOf: PathOf,
  places: readonly TreePlace[],
  signal: AbortSignal,
): Promise<readonly TreeText[]> {
  const wanted = places.map((place): Wanted => ({ place, found: null, namesakes: 0 }));
  const fault = await readTrees(parts, pathOf, wanted, signal);
  if (fault !== null) return places.map(() => ({ kind: "none", reason: fault }));
  const patches = parts.debian === null ? noPatches : await readPatches(parts.debian, pathOf, wanted, signal);
  if (typeof patches === "string") return places.map(() => ({ kind: "none", reason: patches }));
  return wanted.map((each) => patched(each, patches));
}

const noPatches: Patches = { applied: [], left: [] };

async function readTrees(
  { main, components }: PackageParts,
  pathOf: PathOf,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<string | null> {
  for (const { folder, file } of [{ folder: "", file: main }, ...components]) {
    const archive = { path: pathOf(file), sizeBytes: file.sizeBytes };
    const fault = await readTree(archive, folder, wanted, signal);
    if (fault !== null) return `${file.name} cannot be unpacked: ${fault}`;
  }
  return null;
}

// A name that fits nothing but the last part of a path is a guess; with a namesake in the tree it is a bad one.
const leastSure = 1;

function patched(wanted: Wanted, { applied, left }: Patches): TreeText {
  const created = applied.find(
    (patch) => patch.creates && closeness(wanted.place, patch.path) > (wanted.found?.score ?? 0),
  );
  const path = created?.path ?? wanted.found?.path;
  const isGuess = created === undefined && wanted.found?.score === leastSure && wanted.namesakes > 1;
  if (path === undefined || isGuess) return none("the file is not in the source package");
  if (left.some((patch) => patch.path === path)) return none("its build patches the file in a way of its own");
  const text = withPatches(created === undefined ? linesOf(wanted.found?.text ?? "") : [], path, applied);
  return text === null ? none("the source package's patches do not fit the file") : { kind: "text", path, text };
}

function withPatches(before: readonly string[], path: string, patches: readonly FilePatch[]): string | null {
  let lines: readonly string[] | null = before;
  for (const patch of patches) {
    if (patch.path === path && lines !== null) lines = applyPatch(lines, patch);
  }
  return lines === null ? null : Buffer.from(lines.join("\n"), "latin1").toString("utf8");
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function none(reason: string): TreeText {
  return { kind: "none", reason };
}
