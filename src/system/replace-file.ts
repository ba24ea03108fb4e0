import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file as a whole: whoever reads it meanwhile sees what was there before or what is there now, also after a
 * power cut.
 *
 * @param mode its permissions, whatever the umask says
 * @param aside where it is written first, in the same folder. Unless told: hidden, and with an end of its own, so that
 *   whoever collects files of a folder by their ends leaves it alone
 */
export function replaceFile(
  path: string,
  text: string,
  mode: number,
  aside = join(dirname(path), `.${basename(path)}.${process.pid}.new`),
): void {
  try {
    const file = openSync(aside, "w", mode);
    try {
      // Not writeSync: on a disk that is nearly full that writes a part and says so by its result only.
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(aside, mode);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
