/**
 * Where a file that debug information names may lie in a source package's tree: at this very path (`exact`), or,
 * where the build folder is not known, at a path with which the name ends (`ending`).
 */
export type TreePlace =
  | { readonly kind: "exact"; readonly path: string }
  | { readonly kind: "ending"; readonly path: string };

const longest = 4000;

/**
 * Reads a path of debug information. Debian maps the build folder to `.`, so its paths are relative to the tree:
 * `./csu/../csu/libc-start.c`. Ubuntu maps it to `/usr/src/NAME-VERSION`, and older packages have the build machine's own
 * `/build/NAME-abc123/NAME-1.0/src/x.c`.
 *
 * @param sourceName the source package's name.
 * @returns null for a path that leads out of the tree, is a system header's, or is none.
 */
export function treePlace(fullName: string, sourceName: string): TreePlace | null {
  if (fullName.length > longest || /[\u0000-\u001f\u007f]/.test(fullName)) return null;
  const isAbsolute = fullName.startsWith("/");
  const parts = resolved(fullName.split("/"), isAbsolute);
  if (parts === null || parts.length === 0) return null;
  if (!isAbsolute) return { kind: "exact", path: parts.join("/") };
  const [first = "", second = "", third = ""] = parts;
  // A header of the compiler or of another package, whose name this one may have too (`types.h`).
  if (first === "usr" && (second === "include" || second === "lib")) return null;
  if (first === "usr" && second === "src" && isNamedAfter(third, sourceName)) return exact(parts.slice(3));
  if (first === "build" && parts.length > 3) return exact(parts.slice(3));
  return { kind: "ending", path: parts.join("/") };
}

/** How well a file's path in the tree fits: the number of parts that agree, 0 if it is not the file. */
export function closeness(place: TreePlace, treePath: string): number {
  if (place.kind === "exact") return place.path === treePath ? Number.POSITIVE_INFINITY : 0;
  const fits = place.path === treePath || place.path.endsWith(`/${treePath}`);
  return fits ? treePath.split("/").length : 0;
}

function exact(parts: readonly string[]): TreePlace | null {
  return parts.length === 0 ? null : { kind: "exact", path: parts.join("/") };
}

function isNamedAfter(folder: string, sourceName: string): boolean {
  return folder.startsWith(`${sourceName}-`) && /^\d/.test(folder.slice(sourceName.length + 1));
}

function resolved(parts: readonly string[], isAbsolute: boolean): readonly string[] | null {
  const found: string[] = [];
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    if (part !== "..") found.push(part);
    else if (found.pop() === undefined && !isAbsolute) return null;
  }
  return found;
}
