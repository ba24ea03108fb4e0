import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { machineRelease } from "../src/collect/machine-release.ts";
import type { PublishedArchive } from "../tests/lab/sources.ts";
import { writeReleaseFolder } from "../tests/lab/sources.ts";
import { demoRelease } from "./crashes.ts";

/**
 * Writes the demo's configuration: a local tracker, and package sources for two releases, this machine's own and
 * the one that the demo makes up. @returns the path of the configuration file.
 */
export async function writeDemoConfig(folder: string, archive: PublishedArchive): Promise<string> {
  const releases = join(folder, "releases");
  await writeReleaseFolder(releases, { release: demoRelease, codename: "demo", sources: [archive] });
  await copySystemSources(join(releases, await machineRelease()));
  const config = {
    state_dir: join(folder, "state"),
    cache_dir: join(folder, "cache"),
    releases,
    // The archive first, so that the demo shows what a retracer does for machines other than itself.
    symbols: { sources: ["archive", "host"] },
  };
  const path = join(folder, "config.toml");
  await writeFile(path, `${stringify(config)}\n`);
  return path;
}

async function copySystemSources(release: string): Promise<void> {
  await mkdir(release, { recursive: true });
  for (const name of ["sources.list", "sources.list.d", "trusted.gpg.d"]) {
    const from = join("/etc/apt", name);
    if (existsSync(from)) await cp(from, join(release, name), { recursive: true, dereference: true });
  }
}

async function codename(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8");
  return /^VERSION_CODENAME=(\w+)/m.exec(text)?.[1] ?? "unknown";
}
