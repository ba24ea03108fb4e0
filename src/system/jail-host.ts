import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { ServiceFailure } from "./failure.ts";
import type { JailHost, TopFolder } from "./jail-command.ts";
import { minimalEnvironment } from "./process.ts";

/**
 * Looks at what the jail's command line depends on.
 *
 * @param searchPath folders with the tools, separated by colons.
 * @throws ServiceFailure when a tool is missing.
 */
export function jailHost(searchPath: string = minimalEnvironment["PATH"] ?? ""): JailHost {
  const isRoot = process.geteuid?.() === 0;
  requireTools(isRoot ? ["setpriv"] : [], searchPath, "util-linux");
  requireTools(["bwrap"], searchPath, "bubblewrap");
  return {
    isRoot,
    topFolders: ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap(topFolder),
    hiddenFolders: ["/usr/local", "/usr/lib/debug", "/usr/src"].filter(isRealFolder),
    hasLinkerCache: existsSync("/etc/ld.so.cache"),
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

function topFolder(path: string): TopFolder[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  return [{ path, linkTarget: stat.isSymbolicLink() ? readlinkSync(path) : null }];
}

function isRealFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
