import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { launcher } from "../lab/command.ts";
import { temporaryFolder } from "../lab/temporary.ts";

async function crashDigger(args: readonly string[], cwd = "/", program = launcher) {
  const result = await run([program, ...args], { deadlineMs: 60_000, cwd, env: minimalEnvironment });
  return { ...result, out: result.stdout.toString("utf8") };
}

test("config check names file and line of every fault, and exits with 2", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "c.toml");
  await writeFile(file, '[batch]\njobs = 0\n[tracker]\ntype = "jira"\n[gdb]\ncolour = 1\n');
  const result = await crashDigger(["--config", file, "config", "check"]);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain(`${file}:2: batch.jobs`);
  expect(result.stderr).toContain(`${file}:4: tracker.type`);
  expect(result.stderr).toContain(`${file}:6: gdb.colour: unknown key`);
});

test("config show prints a configuration that config check accepts", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "c.toml");
  await writeFile(file, 'state_dir = "/srv/state"\n');
  const shown = await crashDigger(["--config", file, "config", "show"]);
  expect(shown.out).toContain('state_dir = "/srv/state"');
  const again = join(folder.path, "again.toml");
  await writeFile(again, shown.out);
  expect(await crashDigger(["config", "check", "--config", again])).toMatchObject({ exitCode: 0, stderr: "" });
});

test("a configuration that was asked for and is not there is an error", async () => {
  const result = await crashDigger(["--config", "/nonexistent.toml", "status"]);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain("/nonexistent.toml");
});

test("the launcher works from any folder and through a link", async () => {
  await using folder = await temporaryFolder();
  const links = join(folder.path, "bin");
  await mkdir(links);
  await symlink(launcher, join(links, "crash-digger"));
  const result = await crashDigger(["--version"], folder.path, join(links, "crash-digger"));
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(result.out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [["frobnicate"], "unknown command 'frobnicate'"],
  [["run", "--jobs", "none"], "whole number"],
  [["run", "--format", "xml"], "Allowed choices"],
])("a wrong command line %j is explained and exits with 2", async (args, words) => {
  const result = await crashDigger(args);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain(words);
});

test("--help goes to stdout and exits with 0", async () => {
  expect(await crashDigger(["--help"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await crashDigger(["run", "--help"])).out).toContain("Exit codes:");
});
