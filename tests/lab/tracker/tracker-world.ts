import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProcessOptions, type ProcessResult, run } from "../../../src/system/process.ts";
import { launcher } from "../command.ts";

/** A folder with a configuration of its own, and the command line that works in it. */
export type TrackerWorld = AsyncDisposable & {
  readonly folder: string;
  readonly trackerFolder: string;
  /** The command with the configuration, for a test that starts the process itself. */
  readonly command: readonly [string, ...string[]];
  /** Runs `crash-digger …` to its end. */
  cli(args: readonly string[], options?: Partial<ProcessOptions>): Promise<ProcessResult>;
};

/** Makes an empty world; to be used with `await using`. */
export async function makeTrackerWorld(): Promise<TrackerWorld> {
  const folder = await mkdtemp(join(tmpdir(), "tracker-world-"));
  const stateFolder = join(folder, "state");
  await mkdir(join(folder, "cache"));
  const config = join(folder, "config.toml");
  await writeFile(config, `state_dir = "${stateFolder}"\ncache_dir = "${join(folder, "cache")}"\n`);
  const command = [launcher, "--config", config] as const;
  return {
    folder,
    trackerFolder: join(stateFolder, "tracker"),
    command,
    cli: (args, options) => run([...command, ...args], { deadlineMs: 60_000, ...options }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** The lines that a command printed, parsed as JSON. */
export function jsonLines(result: ProcessResult): readonly unknown[] {
  const lines = result.stdout.toString("utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}
