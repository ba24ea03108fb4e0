import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { ServiceFailure } from "./failure.ts";
import type { JailHost, TopFolder } from "./jail-command.ts";
import { minimalEnvironment } from "./process.ts";

/**
 * Looks at what the jail's command line depends on.
 *
 * @param searchPath folders with the tools, separated by colons.
 * @param system root folder of the system that the jail is to show; this machine's own unless told.
 * @throws ServiceFailure when a tool is missing.
 */
export function jailHost(searchPath: string = minimalEnvironment["PATH"] ?? "", system = ""): JailHost {
  const isRoot = process.geteuid?.() === 0;
  requireTools(isRoot ? ["setpriv"] : [], searchPath, "util-linux");
  requireTools(["bwrap"], searchPath, "bubblewrap");
  return {
    isRoot,
    system,
    topFolders: ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((path) => topFolder(system, path)),
    hiddenFolders: ["/usr/local", "/usr/lib/debug", "/usr/src"].filter((path) => isRealFolder(`${system}${path}`)),
    hasLinkerCache: existsSync(`${system}/etc/ld.so.cache`),
  };
}

function requireTools(names: readonly string[], searchPath: string, packageName: string): void {
  for (const name of names) {
    if (searchPath.split(":").some((folder) => existsSync(`${folder}/${name}`))) continue;
    throw new ServiceFailure(`The jail for gdb cannot be built: ${name} was not found in ${searchPath}`, {
      remedy: `Install it: apt-get install ${packageName}`,
    });
  }
}

function topFolder(system: string, path: string): TopFolder[] {
  const stat = lstatSync(`${system}${path}`, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  return [{ path, linkTarget: stat.isSymbolicLink() ? readlinkSync(`${system}${path}`) : null }];
}

function isRealFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
