import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import { program } from "../../../src/cli/main.ts";
import { jobsOf } from "../../../src/maintenance/schedule/jobs.ts";
import { minimalEnvironment, run } from "../../../src/system/process.ts";
import { launcher } from "../../lab/command.ts";

let folder: string;
let configFile: string;

// Both folders are files: whatever a job does first goes wrong.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "crash-digger-jobs-"));
  configFile = join(folder, "config.toml");
  const broken = join(folder, "not-a-folder");
  await writeFile(broken, "");
  await writeFile(configFile, `state_dir = "${broken}"\ncache_dir = "${broken}"\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const jobs = jobsOf({
  command: [launcher],
  user: "root",
  everyMin: 10,
  dailyAt: "03:17",
  log: "/var/log/crash-digger.log",
  publishDir: "/srv/www/duplicates",
  mailTo: ["root"],
  usesHome: false,
});

/** The command that words name, and how many of them are its name. */
function commandOf(words: readonly string[]): readonly [Command, number] {
  let command = program();
  let used = 0;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
    used += 1;
  }
  return [command, used];
}

test.each(jobs.map(({ words }) => [words.join(" "), words] as const))(
  "the job %s is a command that there is, and tells of its failure exactly once, with what to do",
  async (_name, words) => {
    const [command, used] = commandOf(words);
    expect(used).toBeGreaterThan(0);
    expect(command.registeredArguments.length).toBeGreaterThanOrEqual(words.length - used);
    const failed = await run([launcher, "--config", configFile, ...words], {
      deadlineMs: 60_000,
      env: minimalEnvironment,
    });
    expect(failed.exitCode).toBe(1);
    const name = words.slice(0, used).join(" ");
    expect(failed.stderr).toMatch(new RegExp(`^crash-digger ${name} failed: \\S`));
    expect(failed.stderr.match(/^crash-digger /gm)).toHaveLength(1);
    expect(failed.stderr.match(/^Host: /gm)).toHaveLength(1);
    expect(failed.stderr).toMatch(/\n {4}at .*src\/.*\.ts:\d+/);
  },
);
