import { mkdir, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/types.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { createSignedLab, type Lab } from "../lab/lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await createSignedLab();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function doctor(command: CommandLab, ...args: readonly string[]) {
  const result = await command.crashDigger(["doctor", "--json", ...args]);
  expect(result.stderr).toBe("");
  const { healthy, findings }: { healthy: boolean; findings: Finding[] } = JSON.parse(result.stdout.toString("utf8"));
  expect(healthy).toBe(result.exitCode === 0);
  return { exitCode: result.exitCode, of: (check: string) => findings.find((each) => each.check === check), findings };
}

/** Damage that is not seen when a database is opened. */
async function spoilLastPage(path: string): Promise<void> {
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, size - 4096);
}

test("a sound service is healthy, and a look at it changes nothing", async () => {
  const command = await createCommandLab(lab);
  const fresh = await command.crashDigger(["doctor"]);
  expect(fresh).toMatchObject({ exitCode: 0, stderr: "" });
  const lines = fresh.stdout.toString("utf8").trimEnd().split("\n");
  expect(lines.filter((line) => !/^ok {7}\S.*: \S/.test(line))).toEqual([]);
  expect(await readdir(command.stateFolder)).toEqual([]);
  expect(await readdir(command.cacheFolder)).toEqual([]);
  expect((await command.crashDigger(["run"])).exitCode).toBe(0);
  const used = await doctor(command, "--online");
  expect(used.findings.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  for (const name of ["tracker", "duplicates", "state"]) expect(used.of(name)?.found).toMatch(/\.db is sound$/);
});

test("damaged databases and a kept lock are problems, each with its remedy", async () => {
  const command = await createCommandLab(lab);
  expect((await command.crashDigger(["run"])).exitCode).toBe(0);
  await writeFile(join(command.stateFolder, "duplicates.db"), "no database at all, but long enough".repeat(100));
  await spoilLastPage(join(command.stateFolder, "state.db"));
  await writeFile(command.lockPath, "1\nreason: the archive\nis away\n");
  const { exitCode, of, findings } = await doctor(command);
  expect(exitCode).toBe(1);
  expect(of("duplicates")).toMatchObject({
    outcome: "problem",
    remedy: expect.stringContaining("not a SQLite database"),
  });
  // Our own check says "is damaged"; where a page is met before it, SQLite says "is malformed".
  expect(of("state")).toMatchObject({
    outcome: "problem",
    found: expect.stringMatching(/state\.db.* is (?:damaged|malformed)/),
  });
  expect(of("lock")).toMatchObject({
    outcome: "problem",
    found: expect.stringContaining("the archive"),
    remedy: expect.stringContaining("crash-digger unlock"),
  });
  expect(findings.filter(({ outcome }) => outcome === "problem")).toHaveLength(3);
});

test("one line is one finding, whatever is in it", async () => {
  const command = await createCommandLab(lab);
  await mkdir(join(lab.configFolder, "Odd\n\u001b[31m9"));
  const { exitCode, stdout } = await command.crashDigger(["doctor"]);
  expect(exitCode).toBe(1);
  expect(stdout.toString("utf8")).toMatch(/^problem {2}release Odd\\x0a\\x1b\[31m9: .+\. What to do: .+$/m);
});

test("a configuration that is wrong is a problem, and the machine is looked at all the same", async () => {
  const command = await createCommandLab(lab, "[batch]\njobs = 0\nspeed = 9\n");
  const { exitCode, of } = await doctor(command);
  expect(exitCode).toBe(1);
  expect(of("configuration")).toMatchObject({
    outcome: "problem",
    found: expect.stringMatching(/config\.toml:5: batch\.jobs: .*; .*config\.toml:6: batch\.speed: unknown key/),
  });
  expect(of("jail")).toMatchObject({ outcome: "ok" });
  expect(of("lock")).toBeUndefined();
});
