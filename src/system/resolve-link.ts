import { lstatSync, realpathSync } from "node:fs";

/**
 * Where a path leads when it is itself a symbolic link on this machine; else the path as it is. Never throws.
 *
 * The path comes out of a crash report. One that is relative (`<string>`, `setup.py`), that does not exist here
 * or that may not be looked at is left alone.
 */
export function resolveLink(path: string): string {
  if (!path.startsWith("/") || path.includes("\0")) return path;
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
  } catch {
    // No such file, a loop of links, a name too long: all mean that this machine knows no better name.
    return path;
  }
}
