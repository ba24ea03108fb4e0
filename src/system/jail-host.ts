import { existsSync, lstatSync, readlinkSync, statSync } from "node:fs";
import { ServiceFailure } from "./failure.ts";
import type { JailHost, TopFolder } from "./jail-command.ts";
import { describeEnd, minimalEnvironment, run, succeeded } from "./process.ts";

/**
 * Looks at what the jail's command line depends on.
 *
 * @param searchPath folders with the tools, separated by colons.
 * @throws ServiceFailure when a tool is missing or too old.
 */
export async function jailHost(searchPath: string = minimalEnvironment["PATH"] ?? ""): Promise<JailHost> {
  const isRoot = process.geteuid?.() === 0;
  requireTools(isRoot ? ["setpriv"] : [], searchPath, "util-linux");
  const version = await bubblewrapVersion(searchPath);
  return {
    isRoot,
    topFolders: ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap(topFolder),
    hiddenFolders: ["/usr/local", "/usr/lib/debug", "/usr/src"].filter(isRealFolder),
    hasLinkerCache: existsSync("/etc/ld.so.cache"),
    canDisableUserns: atLeast(version, 0, 8),
  };
}

/**
 * Begins to look at what `jailHost` needs, so that the first jail does not have to wait for it. What is wrong is told
 * when that jail is built.
 */
export async function prepareJailHost(): Promise<void> {
  await jailHost().catch(() => {});
}

type Version = readonly [number, number];

// Asked once for each file that bwrap is: a batch builds a thousand jails, and an upgrade in between is another file.
const versions = new Map<string, Promise<Version>>();

function bubblewrapVersion(searchPath: string): Promise<Version> {
  requireTools(["bwrap"], searchPath, "bubblewrap");
  const program =
    searchPath
      .split(":")
      .map((folder) => `${folder}/bwrap`)
      .find(existsSync) ?? "bwrap";
  const { ino, dev, size, ctimeMs } = statSync(program);
  const file = [program, dev, ino, size, ctimeMs].join(" ");
  const known = versions.get(file);
  if (known !== undefined) return known;
  const asked = askVersion(searchPath);
  versions.set(file, asked);
  asked.catch(() => versions.delete(file));
  return asked;
}

// `--size`, without which the jail's /tmp could fill the memory, came with 0.7.
async function askVersion(searchPath: string): Promise<Version> {
  const asked = await run(["bwrap", "--version"], { deadlineMs: 30_000, env: { PATH: searchPath } });
  const numbers = /(\d+)\.(\d+)/.exec(asked.stdout.toString("latin1"));
  if (!succeeded(asked) || numbers === null) {
    throw new ServiceFailure(`bwrap --version: ${describeEnd(asked)}: ${asked.stderr.trim()}`, {
      remedy: "Reinstall it: apt-get install --reinstall bubblewrap",
    });
  }
  const version = [Number(numbers[1]), Number(numbers[2])] as const;
  if (!atLeast(version, 0, 7)) {
    throw new ServiceFailure(`bubblewrap ${version.join(".")} is too old: the jail for gdb needs 0.7 or later`, {
      remedy: "Install a newer bubblewrap (Debian 12 and Ubuntu 24.04 have one).",
    });
  }
  return version;
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

function atLeast([major, minor]: readonly [number, number], wantedMajor: number, wantedMinor: number): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
