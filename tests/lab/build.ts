import { copyFile, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { tool } from "./tool.ts";

/** Folder of the lab's own crashing programs. */
export const programsFolder = join(import.meta.dirname, "programs");

/** Where the debug information says that the sources are, whatever folder they were compiled in. */
const sourceFolderInDebugInfo = "/usr/src/lab";

export type Compilation = {
  /** C files; a name without a slash is one of the lab's own programs. */
  readonly sources: readonly [string, ...string[]];
  /** The file to make; its folder is made too. */
  readonly output: string;
  /** Further words for gcc, after the sources: `-O2`, `-shared`, `-DVERSION=2`, `-lpthread`, … */
  readonly flags?: readonly string[];
  /** `none` leaves the build-id out, as a few old toolchains did. */
  readonly buildId?: "sha1" | "none";
};

/**
 * Compiles C with debug information. The same sources and flags give the same bytes, hence the same
 * build-id, in any folder: the folder names do not get into the file.
 *
 * @returns the path of the output.
 */
export async function compile(compilation: Compilation): Promise<string> {
  const sources = compilation.sources.map((source) => (source.includes("/") ? source : join(programsFolder, source)));
  const folder = dirname(sources[0] ?? programsFolder);
  await mkdir(dirname(compilation.output), { recursive: true });
  await tool(
    [
      "gcc",
      "-g",
      "-O0",
      `-Wl,--build-id=${compilation.buildId ?? "sha1"}`,
      `-ffile-prefix-map=${folder}=${sourceFolderInDebugInfo}`,
      "-o",
      compilation.output,
      ...sources,
      ...(compilation.flags ?? []),
    ],
    { cwd: folder },
  );
  return compilation.output;
}

/** A binary and its debug symbols, apart. */
export type SplitBinary = {
  /** The binary as a package ships it: stripped, with a `.gnu_debuglink`. */
  readonly stripped: string;
  readonly debugFile: string;
  /** Lower-case hex. */
  readonly buildId: string;
};

/**
 * Takes the debug symbols out of a binary as dh_strip does: the debug file lies at
 * `.build-id/xx/yyyy.debug` in the folder, and `.gnu_debuglink` has that base name.
 *
 * @param options.debugName another base name for the debug file, as the old `-dbg` packages had it.
 */
export async function splitDebug(
  binary: string,
  folder: string,
  options: { readonly debugName?: string } = {},
): Promise<SplitBinary> {
  const buildId = await readBuildId(binary);
  if (buildId === null) throw new Error(`${binary} has no build-id`);
  const debugFile =
    options.debugName === undefined
      ? join(folder, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`)
      : join(folder, "debug", options.debugName);
  const stripped = join(folder, "stripped", buildId, basename(binary));
  await mkdir(dirname(debugFile), { recursive: true });
  await mkdir(dirname(stripped), { recursive: true });
  await tool(["objcopy", "--only-keep-debug", "--compress-debug-sections", binary, debugFile]);
  await copyFile(binary, stripped);
  await tool(["strip", "--strip-unneeded", "--remove-section=.comment", stripped]);
  await tool(["objcopy", `--add-gnu-debuglink=${debugFile}`, stripped]);
  return { stripped, debugFile, buildId };
}

/**
 * Moves what several binaries' debug information has in common into one file, as dh_dwz does. The
 * binaries are changed in place; split them afterwards.
 *
 * @param nameInBinaries what `.gnu_debugaltlink` will say, e.g. `/usr/lib/debug/.dwz/x86_64-linux-gnu/lab.debug`.
 */
export async function shareDebug(
  binaries: readonly [string, string, ...string[]],
  output: string,
  nameInBinaries: string,
): Promise<{ readonly path: string; readonly buildId: string }> {
  await mkdir(dirname(output), { recursive: true });
  await tool(["dwz", `--multifile=${output}`, `--multifile-name=${nameInBinaries}`, ...binaries]);
  const buildId = await readBuildId(output);
  if (buildId === null) throw new Error(`dwz gave ${output} no build-id`);
  return { path: output, buildId };
}

/** The build-id that `readelf -n` shows, lower-case hex, or null. Independent of our own ELF reader. */
export async function readBuildId(file: string): Promise<string | null> {
  const notes = (await tool(["readelf", "--notes", "--wide", file])).toString("utf8");
  return /Build ID: ([0-9a-f]+)/.exec(notes)?.[1] ?? null;
}
