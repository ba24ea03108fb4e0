import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

const isTaken = new Set(["ENOTEMPTY", "EEXIST", "ENOENT"]);
const maxAttempts = 8;

/**
 * Renames a finished folder into its place in the store; null when it is there now, else what `there` says of the one
 * that somebody else put there.
 *
 * Another process may have brought the same file a moment ago. The rename then fails, because a folder with
 * something in it is never replaced, and theirs serves as well as ours, if it is sound. Or it may have removed
 * the folder around the target, because of its age, in the moment after we made it.
 */
export async function moveInto<T>(aside: string, target: string, there: () => Promise<T | null>): Promise<T | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(dirname(target), { recursive: true, mode: 0o755 });
      await rename(aside, target);
      await syncFolder(dirname(target));
      return null;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!isTaken.has(code ?? "") || attempt === maxAttempts) throw error;
    }
    const found = await there();
    if (found !== null) return found;
  }
}

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  await folder.sync().finally(() => folder.close());
}
