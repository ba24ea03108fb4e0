import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { minimalEnvironment, type ProcessResult, run } from "../../src/system/process.ts";
import { openLocalTracker } from "../../src/tracker/local/local-tracker.ts";
import type { LocalCrash } from "../../src/tracker/local/read-crash.ts";
import type { Lab } from "./lab.ts";

/** The built command with a configuration, a tracker, a state and a cache of its own. */
export type CommandLab = {
  readonly configFile: string;
  readonly stateFolder: string;
  readonly cacheFolder: string;
  readonly lockPath: string;
  /** Runs `crash-digger` with this configuration. */
  crashDigger(args: readonly string[], signal?: AbortSignal): Promise<ProcessResult>;
  /** The same behind other words: a program that runs it in some way. */
  crashDiggerBehind(words: readonly string[], args: readonly string[]): Promise<ProcessResult>;
  /** Files a report; gives its id. */
  submit(report: string): Promise<number>;
  /** All that the tracker knows about a crash. */
  crash(id: number): Promise<LocalCrash>;
};

/** What of the lab the command needs; the programs and their archive are for those that retrace. */
export type CommandWorld = Pick<Lab, "folder" | "configFolder" | "architecture">;

const repository = join(import.meta.dirname, "..", "..");

export const launcher = join(repository, "bin", "crash-digger");

/**
 * Configuration for tests that are not about lines of source: to look for them is another update of package lists, and a third of
 * what the first retrace costs.
 */
export const withoutSourceLines = "[symbols]\nsource_lines = false\n";

/** For programs of the tests that node runs many times: it keeps what it has compiled of the sources. */
export const nodeEnvironment: Readonly<Record<string, string>> = {
  ...minimalEnvironment,
  NODE_COMPILE_CACHE: join(repository, "node_modules", ".cache", "tests"),
};

/**
 * Prepares the command in a folder of its own inside the lab.
 *
 * @param toml further lines for the configuration file, tables only.
 */
export async function createCommandLab(lab: CommandWorld, toml = ""): Promise<CommandLab> {
  const folder = await mkdtemp(join(lab.folder, "command-"));
  const [stateFolder, cacheFolder] = [join(folder, "state"), join(folder, "cache")];
  await mkdir(stateFolder);
  await mkdir(cacheFolder);
  const configFile = join(folder, "config.toml");
  const folders = { state_dir: stateFolder, cache_dir: cacheFolder, releases: lab.configFolder };
  const lines = Object.entries(folders).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  await writeFile(configFile, lines.join("") + toml);
  return {
    configFile,
    stateFolder,
    cacheFolder,
    lockPath: join(stateFolder, "batch.lock"),
    crashDigger: (args, signal) =>
      run([launcher, "--config", configFile, ...args], {
        deadlineMs: 100_000,
        env: { ...minimalEnvironment, TZ: "UTC" },
        ...(signal === undefined ? {} : { signal }),
      }),
    crashDiggerBehind: ([program = "env", ...words], args) =>
      run([program, ...words, launcher, "--config", configFile, ...args], {
        deadlineMs: 100_000,
        env: { ...minimalEnvironment, TZ: "UTC" },
      }),
    submit: (report) => submit(join(stateFolder, "tracker"), report, lab.architecture),
    crash: (id) => readCrash(join(stateFolder, "tracker"), id),
  };
}

async function submit(trackerFolder: string, report: string, hostArchitecture: string): Promise<number> {
  const tracker = await openLocalTracker(trackerFolder);
  try {
    const result = await tracker.submit(report, { hostArchitecture });
    if (result.kind === "refused") throw new Error(`${report}: ${result.fault.message}`);
    return result.id;
  } finally {
    await tracker.close();
  }
}

async function readCrash(trackerFolder: string, id: number): Promise<LocalCrash> {
  const tracker = await openLocalTracker(trackerFolder);
  try {
    const crash = await tracker.show(id);
    if (crash === null) throw new Error(`the tracker has no crash ${id}`);
    return crash;
  } finally {
    await tracker.close();
  }
}
