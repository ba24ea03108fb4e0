import { describeEnd, run, succeeded } from "../system/process.ts";
import type { PackageParts } from "./package-parts.ts";
import { type FilePatch, parsePatch } from "./patch-text.ts";
import { take, type Wanted } from "./tree-files.ts";
import type { PackageFile } from "./types.ts";
import { walkTar } from "./walk-tar.ts";

export type Patches = {
  /** In their order: what dpkg-source applies. */
  readonly applied: readonly FilePatch[];
  /** Patches that only the build itself applies, in a way that nobody else knows. */
  readonly left: readonly FilePatch[];
};

type DebianPart = NonNullable<PackageParts["debian"]>;

const maxPatchBytes = 64 * 1024 * 1024;

/**
 * Reads what Debian adds to the upstream tree: the patches, and files of its own into `wanted`.
 *
 * @returns a reason (text) when it cannot be read.
 */
export async function readPatches(
  { kind, file }: DebianPart,
  pathOf: (file: PackageFile) => string,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<Patches | string> {
  const archive = { path: pathOf(file), sizeBytes: file.sizeBytes };
  const read = kind === "tree" ? await readSeries(archive, wanted, signal) : await readDiff(archive.path, signal);
  return typeof read === "string" ? `${file.name} cannot be read: ${read}` : read;
}

const patchFolder = "debian/patches/";

async function readSeries(
  archive: { readonly path: string; readonly sizeBytes: number },
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<Patches | string> {
  const texts = new Map<string, string>();
  let leftBytes = maxPatchBytes;
  const fault = await walkTar(archive, signal, async ({ name, read }) => {
    const isPatch = name.startsWith(patchFolder);
    if (!isPatch && !wanted.some(({ place }) => place.path.endsWith(name))) return;
    const bytes = await read(leftBytes);
    leftBytes = bytes === null ? 0 : leftBytes - bytes.length;
    const text = (bytes ?? Buffer.alloc(0)).toString("latin1");
    if (isPatch) texts.set(name.slice(patchFolder.length), text);
    else take(wanted, name, text);
  });
  if (fault !== null) return fault;
  if (leftBytes === 0) return "its patches are larger than 64 MiB";
  const applied = seriesOf(texts.get("series") ?? "").flatMap((name) => parsePatch(texts.get(name) ?? ""));
  return { applied, left: [] };
}

// `NAME`, maybe with options behind it (which dpkg-source ignores), and comments.
function seriesOf(text: string): readonly string[] {
  const names = text.split("\n").map((line) => line.replace(/#.*/, "").trim().split(/\s+/, 1)[0] ?? "");
  return names.filter((name) => name !== "");
}

// Format 1.0: one diff for everything. Patches that it puts below debian/patches are applied by debian/rules, that is,
// by running the package, in whichever way it likes.
async function readDiff(path: string, signal: AbortSignal): Promise<Patches | string> {
  const command = ["/usr/lib/apt/apt-helper", "cat-file", path] as const;
  const result = await run([...command], { deadlineMs: 10 * 60_000, maxStdoutBytes: maxPatchBytes, signal });
  signal.throwIfAborted();
  if (!succeeded(result)) return `${describeEnd(result)} ${result.stderr.trim()}`.trim();
  const applied = parsePatch(result.stdout.toString("latin1"));
  const inside = applied.filter((patch) => patch.path.startsWith(patchFolder));
  return { applied, left: inside.flatMap(({ hunks }) => parsePatch(hunks.flatMap(({ after }) => after).join("\n"))) };
}
