import type { Core } from "./types.ts";
import { vdsoPath } from "./unnamed-modules.ts";

/** A line of /proc/PID/maps before it is written. */
type Line = { readonly start: bigint; readonly end: bigint; readonly rest: string; readonly path: string };

/**
 * /proc/PID/maps as the kernel would have shown it for the crashed process, as far as a core tells: the
 * mapped files and the vdso; not the heap, the stack and other anonymous memory, which no line of the
 * core names. Device and inode are 0. Paths stand in column 73, after two blanks at least.
 */
export function procMapsOf(core: Core): string {
  const files = core.mappings.map(({ start, end, path, permissions, fileOffset }) => {
    return { start, end, path, rest: `${permissions} ${hex(fileOffset)} 00:00 0` };
  });
  const kernel = core.modules
    .filter((module) => module.path === vdsoPath)
    .map(({ start, end, path }) => ({ start, end, path, rest: "r-xp 00000000 00:00 0" }));
  return [...files, ...kernel]
    .sort((a, b) => (a.start < b.start ? -1 : 1))
    .map(lineOf)
    .join("");
}

// seq_file_path() escapes line breaks only; a file name may hold one, and must not make a line of its own.
function lineOf({ start, end, rest, path }: Line): string {
  const head = `${hex(start)}-${hex(end)} ${rest}`.padEnd(71);
  return `${head}  ${path.replaceAll("\n", "\\012")}\n`;
}

function hex(value: bigint): string {
  return value.toString(16).padStart(8, "0");
}
