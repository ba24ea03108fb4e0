import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file as a whole: whoever reads it meanwhile sees what was there before or what is there now, also after a
 * power cut.
 *
 * @param mode its permissions, whatever the umask says
 */
export function replaceFile(path: string, text: string, mode: number): void {
  // Hidden, and with an end of its own: whoever collects files of a folder by their ends leaves it alone.
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    const file = openSync(aside, "w", mode);
    try {
      writeSync(file, text);
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
