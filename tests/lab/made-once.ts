import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { takeTurn } from "../../src/chroots/turn.ts";

/**
 * A folder that the first test file to want it fills, and all others of this run read: nobody changes what is in it.
 *
 * @returns the folder.
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = join(inject("sharedFolder"), name);
  const [folder, done] = [join(place, "made"), join(place, "done")];
  using _turn = await takeTurn(place, 280_000, new AbortController().signal);
  if (existsSync(done)) return folder;
  // Of somebody who failed half-way, if it is there.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await make(folder);
  await writeFile(done, "");
  return folder;
}
