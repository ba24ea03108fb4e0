import { rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../../system/clock.ts";
import { ignoreMissing, isPackageFile, names } from "./entries.ts";
import { isAbandoned } from "./owner.ts";

/** What is being made aside: files on their way into the store, downloads, indexes under construction. */
export async function unfinished(folder: string): Promise<readonly string[]> {
  const found = await within(join(folder, "symbols", "incoming"), () => true);
  for (const root of await names(join(folder, "apt"))) {
    const place = join(folder, "apt", root);
    found.push(...(await within(join(place, "packages"), (name) => !isPackageFile(name))));
    found.push(...(await within(join(place, "index"), (name) => /\.new(?:-journal)?$/.test(name))));
    found.push(...(await within(place, (name) => name.startsWith("apt.conf."))));
  }
  return found;
}

async function within(folder: string, isOne: (name: string) => boolean): Promise<string[]> {
  return (await names(folder)).filter(isOne).map((name) => join(folder, name));
}

/** Removes what processes that are gone left half made; how many there were. */
export async function sweep(folder: string, clock: Clock): Promise<number> {
  let swept = 0;
  for (const path of await unfinished(folder)) {
    const changed = (await stat(path).catch(ignoreMissing))?.mtimeMs;
    if (changed === undefined || !isAbandoned(basename(path), clock.now().getTime() - changed)) continue;
    await rm(path, { recursive: true, force: true });
    swept += 1;
  }
  return swept;
}
