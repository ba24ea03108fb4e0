import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** A path, or the folder above it that is there. */
export async function nearestFolder(path: string): Promise<string> {
  const status = await stat(path).catch(() => null);
  return status !== null || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** How much may still be written below a folder, as an ordinary user. */
export type DiskRoom = {
  readonly freeBytes: number;
  /** How many more files can be made; null where the file system has no fixed number of them. */
  readonly freeFiles: number | null;
};

/** Room on the file system of a folder that is there, or will be made. */
export async function diskRoom(path: string): Promise<DiskRoom> {
  const { bavail, bsize, files, ffree } = await statfs(await nearestFolder(path));
  // Some file systems (btrfs) have no fixed number of files, and say 0.
  return { freeBytes: bavail * bsize, freeFiles: files > 0 ? ffree : null };
}
