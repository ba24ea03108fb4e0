import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startTicksOf } from "../system/process-identity.ts";
import type { WorkFolder } from "./services.ts";

/**
 * Makes a folder for one crash below `parent`, closed to other users. It lies beside the symbol store, so that
 * the sysroot can be made of hard links.
 */
export async function makeWorkFolder(parent: string): Promise<WorkFolder> {
  await mkdir(parent, { recursive: true, mode: 0o755 });
  const path = await mkdtemp(join(parent, `${process.pid}-`));
  return { path, [Symbol.asyncDispose]: async () => await remove(path) };
}

/** Removes the folders of processes that are gone: killed in mid-crash, they could not clean up. */
export async function sweepWorkFolders(parent: string): Promise<void> {
  await mkdir(parent, { recursive: true, mode: 0o755 });
  for (const name of await readdir(parent)) {
    const pid = /^(\d{1,10})-/.exec(name)?.[1];
    if (pid !== undefined && startTicksOf(Number(pid)) === null) await remove(join(parent, name));
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
