import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbandoned, ownerName } from "../symbols/cache/owner.ts";
import type { Clock } from "../system/clock.ts";
import type { WorkFolder } from "./services.ts";

/**
 * Makes a folder for one crash below `parent`, closed to other users. It lies beside the symbol store, so that
 * the sysroot can be made of hard links.
 */
export async function makeWorkFolder(parent: string): Promise<WorkFolder> {
  await mkdir(parent, { recursive: true, mode: 0o755 });
  const path = await mkdtemp(join(parent, `${ownerName()}.`));
  return { path, [Symbol.asyncDispose]: async () => await remove(path) };
}

/** Removes the folders of processes that are gone: killed in mid-crash, or by a reboot, they could not clean up. */
export async function sweepWorkFolders(parent: string, clock: Clock): Promise<void> {
  await mkdir(parent, { recursive: true, mode: 0o755 });
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const ageMs = clock.now().getTime() - (await lastChange(path));
    if (isAbandoned(name, ageMs)) await remove(path);
  }
}

// One that is gone by now was its owner's to remove.
async function lastChange(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found?.mtimeMs ?? Number.POSITIVE_INFINITY;
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
