import { readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { minimalEnvironment, type ProcessResult, run } from "../../../src/system/process.ts";
import { addPackages, publish } from "../archive.ts";
import { compile } from "../build.ts";
import { type CommandLab, createCommandLab, launcher } from "../command.ts";
import { createSignedLab, type Lab } from "../lab.ts";
import { type PackagedProgram, packageProgram } from "../program.ts";
import { tool } from "../tool.ts";

export type ChaosWorld = AsyncDisposable & {
  readonly lab: Lab;
  readonly places: PackagedProgram;
  /** State and cache each on a small file system of its own. */
  readonly command: CommandLab;
  /** How many crashes a batch takes, on average: so that there is work left to the last strike. */
  readonly crashesInBatch: number;
  /** Leaves so many bytes free on a disk. */
  fill(disk: "state" | "cache", freeBytes: number): Promise<void>;
  makeRoom(): void;
  /** From now on processes read this boot id. */
  reboot(bootId: string): void;
  /** Empties the cache. */
  forgetSymbols(): Promise<void>;
  /** Runs one command to its end. */
  run(args: readonly string[], how?: How): Promise<ProcessResult>;
};

export type How = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly behind?: readonly string[];
  /** Whether die-at.c is loaded too. */
  readonly killable?: true;
};

const policy = `
[batch]
jobs = 2
retry_delay_s = 0
max_attempts = 100
[symbols]
apt_timeout_s = 60
source_lines = false
`;

/** Makes the world. To be called in a mount namespace of its own: see main.ts. */
export async function createChaosWorld(crashesInBatch: number): Promise<ChaosWorld> {
  const lab = await createSignedLab();
  const installedPath = join(lab.folder, "opt", "places");
  const recipe = { name: "places", version: "1.0-1", sources: ["places.c"], installedPath } as const;
  const places = await packageProgram(recipe, lab.folder);
  await addPackages(lab.archive, [places.package, places.debugPackage]);
  await publish(lab.archive);
  const command = await createCommandLab(lab, policy);
  const folders = { state: command.stateFolder, cache: command.cacheFolder };
  for (const folder of Object.values(folders)) await tool(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", folder]);
  const ballast = Object.values(folders).map((folder) => join(folder, "ballast"));
  const [otherBoot, dieAt] = [await library("other-boot", lab), await library("die-at", lab)];
  const bootFile = join(lab.folder, "boot-id");
  // Not copied as a file: of those in /proc the kernel says that they are empty.
  writeFileSync(bootFile, readFileSync("/proc/sys/kernel/random/boot_id"));
  return {
    lab,
    places,
    command,
    crashesInBatch,
    fill: (disk, freeBytes) => fillUp(join(folders[disk], "ballast"), freeBytes),
    makeRoom: () => {
      for (const file of ballast) rmSync(file, { force: true });
    },
    reboot: (bootId) => writeFileSync(bootFile, `${bootId}\n`),
    forgetSymbols: async () => {
      for (const name of ["symbols", "apt"]) await rm(join(folders.cache, name), { recursive: true, force: true });
    },
    run: (args, { environment = {}, behind = [], killable } = {}) => {
      const [program = launcher, ...words] = [...behind, launcher];
      const preload = { LD_PRELOAD: killable ? `${otherBoot}:${dieAt}` : otherBoot, BOOT_ID_FILE: bootFile };
      const env = { ...minimalEnvironment, TZ: "UTC", ...preload, ...environment };
      return run([program, ...words, "--config", command.configFile, ...args], { deadlineMs: 300_000, env });
    },
    async [Symbol.asyncDispose]() {
      for (const folder of Object.values(folders)) await tool(["umount", "--lazy", folder]);
      await lab[Symbol.asyncDispose]();
    },
  };
}

async function library(name: string, lab: Lab): Promise<string> {
  const source = join(import.meta.dirname, "..", "killed", `${name}.c`);
  const output = join(lab.folder, `${name}.so`);
  return await compile({ sources: [source], output, flags: ["-shared", "-fPIC", "-O1", "-ldl"] });
}

// A temporary file system counts in whole pages, and so exactly.
async function fillUp(path: string, freeBytes: number): Promise<void> {
  const { bavail, bsize } = statfsSync(dirname(path));
  const bytes = (bavail - Math.ceil(freeBytes / bsize)) * bsize;
  if (bytes > 0) await tool(["fallocate", "--length", String(bytes), path]);
}
