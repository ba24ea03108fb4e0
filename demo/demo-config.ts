import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { machineRelease } from "../src/collect/machine-release.ts";
import type { PublishedArchive } from "../tests/lab/sources.ts";
import { writeReleaseFolder } from "../tests/lab/sources.ts";
import { tool } from "../tests/lab/tool.ts";
import { demoRelease } from "./crashes.ts";

/**
 * Writes the demo's configuration: a local tracker, and package sources for two releases, this machine's own and
 * the one that the demo makes up. @returns the path of the configuration file.
 */
export async function writeDemoConfig(folder: string, archive: PublishedArchive): Promise<string> {
  const releases = join(folder, "releases");
  await writeReleaseFolder(releases, { release: demoRelease, codename: "demo", sources: [archive] });
  // The demo's own release is a small derivative: what it does not change comes from this machine's.
  await copyMachineSources(join(releases, demoRelease));
  await copyMachineSources(join(releases, await machineRelease()));
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

async function copyMachineSources(release: string): Promise<void> {
  await mkdir(release, { recursive: true });
  for (const name of ["sources.list", "sources.list.d", "trusted.gpg.d"]) {
    const from = join("/etc/apt", name);
    if (existsSync(from)) await cp(from, join(release, name), { recursive: true, dereference: true });
  }
  if (await takesOldLists()) await keepTakingOldLists(release);
}

// An administrator whose mirror lags behind switches the check of Valid-Until off for the machine's own sources.
// Of such settings a release folder gets nothing, so the copied sources have to say it themselves.
async function takesOldLists(): Promise<boolean> {
  const setting = await tool(["apt-config", "dump", "--format=%v", "Acquire::Check-Valid-Until"]);
  return /^"?(false|no|0)"?\s*$/.test(setting.toString("utf8"));
}

async function keepTakingOldLists(release: string): Promise<void> {
  const parts = join(release, "sources.list.d");
  const names = existsSync(parts) ? (await readdir(parts)).map((name) => join(parts, name)) : [];
  for (const file of names.filter((name) => name.endsWith(".sources") && !name.endsWith("/lab.sources"))) {
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/^Types:/gm, "Check-Valid-Until: no\nTypes:"));
  }
}
