import { chmod, mkdir, open, rm } from "node:fs/promises";

/** Modes of everything the tracker makes: a core holds passwords and letters, so the owner alone reads it. */
export const fileMode = 0o600;
const folderMode = 0o700;

/**
 * Makes a folder, and those above it that are missing, for the owner only. One that exists already keeps its
 * mode: the administrator made it (or it is /tmp).
 */
export async function makePrivateFolder(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true, mode: folderMode });
  // A umask such as 0777 takes bits off that the owner needs.
  if (firstMade !== undefined) await chmod(path, folderMode);
}

/** Makes a folder's entries (new names, renames, removals) last through a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes a file or folder; one that is gone already is as good. */
export async function removeQuietly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
