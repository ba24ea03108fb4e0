import { realpathSync, type Stats, statSync } from "node:fs";
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
export function safePath(root: string, path: string): string | null {
  if (!isPlainPath(path) || kernelFolders.test(path)) return null;
  const real = orNull(() => realpathSync.native(join(root, path)));
  const below = root === "/" ? "/" : `${root}/`;
  if (real === null || !real.startsWith(below) || kernelFolders.test(real)) return null;
  const status: Stats | null = orNull(() => statSync(real));
  return status?.isFile() && status.size <= maxFileBytes ? real : null;
}

// Missing, closed, a loop of links, a name that is too long: there is no such file for us.
function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
