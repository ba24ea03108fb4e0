import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** The reports that an argument stands for: those of a folder by name, else the file itself (or `-`). */
export async function reportsIn(argument: string): Promise<readonly string[]> {
  if (!(await isFolder(argument))) return [argument];
  const names = await readdir(argument);
  return names
    .filter((name) => name.endsWith(".crash"))
    .sort()
    .map((name) => join(argument, name));
}

async function isFolder(path: string): Promise<boolean> {
  if (path === "-") return false;
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Not there or not accessible: the reader says so, with the reason.
    return false;
  }
}
