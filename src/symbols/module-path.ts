/** Longest path we deal with, and longest name in it: Linux's own limits (PATH_MAX, NAME_MAX), in bytes. */
const maxPathBytes = 4000;
const maxNameBytes = 255;

// Folders that a merged-/usr system keeps under /usr. The same file is /lib/x/libc.so.6 to the linker of
// Debian 11's packages and /usr/lib/x/libc.so.6 to the kernel that wrote the core.
const mergedFolders = /^\/(?:bin|sbin|lib|lib32|lib64|libx32|libo32)\//;

/**
 * Whether a path from a core may be used at all: absolute, normal (no `.`, `..` or empty parts), without
 * control characters, within Linux's limits. `[vdso]` and the like are not.
 */
export function isPlainPath(path: string): boolean {
  if (!path.startsWith("/") || Buffer.byteLength(path) > maxPathBytes) return false;
  if (/[\u0000-\u001f\u007f]/.test(path)) return false;
  return path
    .slice(1)
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && Buffer.byteLength(part) <= maxNameBytes);
}

/**
 * The spellings of one file's path on a merged-/usr system and on one that is not: the path itself first,
 * then with `/usr` added or taken away. Empty for a path that is not plain.
 */
export function pathSpellings(path: string): readonly string[] {
  if (!isPlainPath(path)) return [];
  if (mergedFolders.test(path)) return [path, `/usr${path}`];
  const withoutUsr = path.slice("/usr".length);
  if (path.startsWith("/usr/") && mergedFolders.test(withoutUsr)) return [path, withoutUsr];
  return [path];
}

/** `usr/lib/debug/.build-id/ab/cdef….debug`: where debuggers look for the debug file of a build-id. */
export function buildIdDebugPath(buildId: string): string {
  return `usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
}

/** Whether text is a build-id as we use it: lower-case hex, 4 to 64 bytes long (GNU ld writes 20, others 8 or 16). */
export function isBuildId(text: string): boolean {
  return /^(?:[0-9a-f]{2}){4,64}$/.test(text);
}

/**
 * Where a debug file for this module may lie, below the root folder and without a leading slash, best first:
 * by build-id, then the older layout by the file's own path (`usr/lib/debug/lib/x86_64-linux-gnu/libc-2.31.so`),
 * in both /usr spellings and with the `.debug` that some packages append.
 */
export function debugFilePlaces(path: string, buildId: string, debugLink: string | null): readonly string[] {
  const spellings = pathSpellings(path);
  const byPath = spellings.flatMap((spelling) => [`usr/lib/debug${spelling}`, `usr/lib/debug${spelling}.debug`]);
  const byLink = debugLink === null ? [] : spellings.map((spelling) => `usr/lib/debug${sibling(spelling, debugLink)}`);
  return [buildIdDebugPath(buildId), ...byPath, ...byLink].filter((place) => isPlainPath(`/${place}`));
}

function sibling(path: string, name: string): string {
  return `${path.slice(0, path.lastIndexOf("/") + 1)}${name}`;
}
