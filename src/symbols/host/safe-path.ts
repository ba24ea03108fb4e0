import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isPlainPath } from "../module-path.ts";

// File systems that are made of the kernel's own state. A path of a core may name anything.
const kernelFolders = /^\/(?:proc|sys|dev)(?:\/|$)/;
const maxFileBytes = 16 * 1024 ** 3;

/**
 * The real path of a regular file that a hostile path names below a root folder, or null: symbolic links may
 * lead anywhere below the root, but not out of it, and never into /proc, /sys or /dev. Opening a fifo or a
 * device would block, or worse, so what is not a regular file of reasonable size is refused unopened.
 */
export async function safePath(root: string, path: string): Promise<string | null> {
  if (!isPlainPath(path) || kernelFolders.test(path)) return null;
  const real = await realpath(join(root, path)).catch(() => null);
  const below = root === "/" ? "/" : `${root}/`;
  if (real === null || !real.startsWith(below) || kernelFolders.test(real)) return null;
  const status = await stat(real).catch(() => null);
  return status?.isFile() && status.size <= maxFileBytes ? real : null;
}
