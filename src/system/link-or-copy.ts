import { linkSync } from "node:fs";
import { constants, copyFile } from "node:fs/promises";

/**
 * Makes a file appear under a second name: as a hard link, or as a copy where there can be none.
 *
 * EXDEV: another file system. EPERM: fs.protected_hardlinks keeps an ordinary user from linking to files that
 * somebody else owns (a store that root filled). EMLINK: the file system has run out of links to this file.
 *
 * Throws Node's own errors, EEXIST when the second name is taken.
 */
export async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    // A link takes less time than waiting for a thread that makes it.
    linkSync(source, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "EMLINK") throw error;
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
