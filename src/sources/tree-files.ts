import { posix } from "node:path";
import { closeness, type TreePlace } from "./source-path.ts";
import { type TarFile, walkTar } from "./walk-tar.ts";

/** What is looked for in a tree, and what was found of it. Changes as trees are read. */
export type Wanted = {
  readonly place: TreePlace;
  /** The best so far. */
  found: { readonly path: string; readonly text: string; readonly score: number } | null;
  /** Files of its base name in the tree. */
  namesakes: number;
};

const maxFileBytes = 16 * 1024 * 1024;
// Linux has 3,000 files `Makefile`, and sqlite3.c has 9 MB.
const maxCandidates = 20_000;
const maxCandidateCharacters = 128 * 1024 * 1024;

/**
 * Reads the wanted files of a tree. An upstream archive mostly has one folder at its top, whatever it is called, and
 * dpkg-source leaves that out; without such a folder the archive is the tree.
 *
 * @param folder where in the tree it is unpacked; empty for the tree itself.
 * @returns why the archive cannot be read, or null.
 */
export async function readTree(
  archive: { readonly path: string; readonly sizeBytes: number },
  folder: string,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<string | null> {
  const tops = new Set<string>();
  const candidates: Candidate[] = [];
  let leftCharacters = maxCandidateCharacters;
  const fault = await walkTar(archive, signal, async (file) => {
    noteTop(file.name, tops);
    const candidate = await candidateOf(file, folder, wanted);
    if (candidate === null) return;
    candidates.push(candidate);
    leftCharacters -= candidate.text.length;
    if (candidates.length > maxCandidates || leftCharacters < 0)
      throw new Error("too much of it is like what is wanted");
  });
  const hasOneTop = tops.size === 1 && !tops.has("");
  for (const { text, inTop, inTree } of candidates) take(wanted, hasOneTop ? inTop : inTree, text);
  return fault;
}

/** Puts a file of the tree to everything that is wanted. */
export function take(wanted: readonly Wanted[], path: string | null, text: string): void {
  if (path === null) return;
  for (const each of wanted) {
    if (posix.basename(each.place.path) === posix.basename(path)) each.namesakes += 1;
    const score = closeness(each.place, path);
    if (score > (each.found?.score ?? 0)) each.found = { path, text, score };
  }
}

type Candidate = { readonly text: string; readonly inTop: string | null; readonly inTree: string };

// The empty name stands for a file that is in no folder.
function noteTop(name: string, tops: Set<string>): void {
  if (tops.size < 3) tops.add(name.includes("/") ? name.slice(0, name.indexOf("/")) : "");
}

async function candidateOf(file: TarFile, folder: string, wanted: readonly Wanted[]): Promise<Candidate | null> {
  const base = posix.basename(file.name);
  if (!wanted.some(({ place }) => posix.basename(place.path) === base)) return null;
  const inTop = file.name.includes("/") ? posix.join(folder, file.name.slice(file.name.indexOf("/") + 1)) : null;
  const inTree = posix.join(folder, file.name);
  const fits = wanted.some(
    ({ place }) => closeness(place, inTree) > 0 || (inTop !== null && closeness(place, inTop) > 0),
  );
  const bytes = fits ? await file.read(maxFileBytes) : Buffer.alloc(0);
  // Bytes as characters: patches are compared byte by byte, and what the text means is decided when it is shown.
  return { text: (bytes ?? Buffer.alloc(0)).toString("latin1"), inTop, inTree };
}
