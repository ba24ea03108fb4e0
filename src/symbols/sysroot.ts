import { mkdir } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { Core, CoreModule } from "../core/types.ts";
import { ServiceFailure } from "../system/failure.ts";
import { linkOrCopy } from "../system/link-or-copy.ts";
import { buildIdDebugPath, isPlainPath, pathSpellings } from "./module-path.ts";
import type { ResolvedModule } from "./types.ts";

/** A file of the store and a path inside the sysroot (absolute, plain) at which it is to appear. */
export type Placement = { readonly source: string; readonly place: string };

/**
 * Fills an empty folder, making it if need be, with the files of a crash at the places where gdb looks for them: hard links
 * into the store, or copies where that is another file system.
 *
 * Each path exists in both spellings (`/lib/…`, `/usr/lib/…`) as a link of its own. A merged-/usr system has
 * symbolic links `/lib -> usr/lib` instead; without any, no hostile path can lead out of the folder.
 *
 * @throws ServiceFailure when the folder cannot be written
 */
export async function buildSysroot(
  folder: string,
  modules: readonly ResolvedModule[],
  core: Pick<Core, "linkNames">,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const made = new Set<string>();
  for (const placement of placements(modules, core)) await put(folder, placement, made);
}

/** Fills a new, empty folder with the indexes of symbols under the names by which gdb looks for them (its index cache). */
export async function buildIndexFolder(folder: string, indexes: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const made = new Set([folder]);
  for (const [buildId, source] of indexes) await put(folder, { source, place: `${buildId}.gdb-index` }, made);
}

/** All placements, the more important first: of two files for one place the first wins. */
export function placements(modules: readonly ResolvedModule[], core: Pick<Core, "linkNames">): readonly Placement[] {
  const programsFirst = modules.toSorted((one, other) => rank(one.module) - rank(other.module));
  const all = [
    ...programsFirst.flatMap(ownPaths),
    ...linkNames(modules, core),
    ...programsFirst.flatMap(sonames),
    ...programsFirst.flatMap(debugPlaces),
  ];
  return all.filter(({ place }) => isPlainPath(place));
}

function rank(module: CoreModule): number {
  return module.isExecutable ? 0 : 1;
}

function ownPaths({ module, executablePath }: ResolvedModule): readonly Placement[] {
  return executablePath === null ? [] : atEachSpelling(executablePath, module.path);
}

function atEachSpelling(source: string, path: string): readonly Placement[] {
  return pathSpellings(path).map((place) => ({ source, place }));
}

// gdb asks for the names in the dynamic linker's own list (/lib/x86_64-linux-gnu/libz.so.1), which are symbolic
// links on a real system; the kernel wrote down what they led to (/usr/lib/x86_64-linux-gnu/libz.so.1.2.13).
function linkNames(modules: readonly ResolvedModule[], core: Pick<Core, "linkNames">): readonly Placement[] {
  return core.linkNames.flatMap(({ name, loadAddress }) => {
    const loaded = modules.find(({ module }) => module.start <= loadAddress && loadAddress < module.end);
    if (loaded === undefined || loaded.executablePath === null) return [];
    return atEachSpelling(loaded.executablePath, name);
  });
}

// A core that lost its link map still has the sonames of the files themselves.
function sonames({ module, executablePath, soname }: ResolvedModule): readonly Placement[] {
  if (executablePath === null || soname === null || soname.includes("/")) return [];
  return atEachSpelling(executablePath, posix.join(posix.dirname(module.path), soname));
}

function debugPlaces({ module, debugPath, dwz }: ResolvedModule): readonly Placement[] {
  if (debugPath === null || module.buildId === null) return [];
  const debugPlace = `/${buildIdDebugPath(module.buildId)}`;
  const own = { source: debugPath, place: debugPlace };
  if (dwz === null) return [own];
  // gdb takes a relative name from the debug file's folder, opens an absolute one as it is (outside of any
  // sysroot), and when the build-id there is not the right one looks below the debug-file-directory.
  const named = posix.resolve(posix.dirname(debugPlace), dwz.name);
  return [own, { source: dwz.path, place: named }, { source: dwz.path, place: `/${buildIdDebugPath(dwz.buildId)}` }];
}

// Paths of a core may collide: one is a file where another needs a folder (/a and /a/b), or two modules have
// the same path. Who came first stays; the other module is then simply not there for gdb.
const collisions = new Set(["EEXIST", "ENOTDIR", "EISDIR", "ENAMETOOLONG"]);

async function put(folder: string, { source, place }: Placement, made: Set<string>): Promise<void> {
  const target = join(folder, place);
  const parent = dirname(target);
  try {
    if (!made.has(parent)) await mkdir(parent, { recursive: true, mode: 0o755 });
    made.add(parent);
    await linkOrCopy(source, target);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== undefined && collisions.has(code)) return;
    const remedy = "Free some space, or give this user the right to write there.";
    throw new ServiceFailure(`The sysroot ${folder} cannot be made: ${message}`, { cause, remedy });
  }
}
