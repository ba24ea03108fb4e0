import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compile } from "../build.ts";

/**
 * Reboots the machine as far as a process can see: the kernel's random id of this boot is another one. The file that
 * says so is replaced from outside (other-boot.c), so that the program knows nothing of it.
 *
 * @param folder for what is compiled and written; who removes it is the caller.
 * @returns what has to stand before each command that runs after the reboot. It keeps its process number.
 */
export async function reboot(folder: string): Promise<readonly [string, ...string[]]> {
  const bootId = randomUUID();
  const file = join(folder, `boot-${bootId}`);
  await writeFile(file, `${bootId}\n`);
  const source = join(import.meta.dirname, "other-boot.c");
  const library = await compile({ sources: [source], output: `${file}.so`, flags: ["-shared", "-fPIC", "-ldl"] });
  return ["env", `LD_PRELOAD=${library}`, `BOOT_ID_FILE=${file}`];
}
