import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDuplicates } from "../../src/duplicates/duplicates.ts";
import { minimalEnvironment, run } from "../../src/system/process.ts";

const command = join(import.meta.dirname, "../../bin/crash-digger");
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dupdb-"));
  path = join(folder, "duplicates.db");
  const duplicates = await openDuplicates(path);
  const ask = (id: number, signature: string, addressSignature: string) =>
    duplicates.check({ id, signature, addressSignature, packageVersion: null }, async () => new Map());
  await ask(10, "/bin/a:11:f:g", "/bin/a:11:/l.so+1");
  await ask(20, "/bin/b:11:\u001b[31mf:g", "/bin/b:11:/l.so+1");
  await ask(30, "/bin/c:11:f:g", "/bin/c:11:/l.so+1");
  await duplicates.setFixed(20, "2.0-1");
  await duplicates.setFixed(30, "");
  await duplicates.close();
});

afterEach(async () => rm(folder, { recursive: true }));

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

async function dupdb(...words: string[]): Promise<Outcome> {
  const env = { ...minimalEnvironment, HOME: folder };
  const result = await run([command, "dupdb", ...words], { deadlineMs: 60_000, env });
  return { code: result.exitCode, stdout: result.stdout.toString(), stderr: result.stderr };
}

async function onDatabase(...words: string[]): Promise<string> {
  const outcome = await dupdb(...words, "--duplicate-db", path);
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  return outcome.stdout;
}

async function failing(...words: string[]): Promise<string> {
  const outcome = await dupdb(...words, "--duplicate-db", path);
  expect(outcome).toMatchObject({ code: 1, stdout: "" });
  return outcome.stderr;
}

test("dump prints one line a crash, fit for grep and for a terminal", async () => {
  const lines = (await onDatabase("dump")).trimEnd().split("\n");
  expect(lines.map((line) => line.replace(/\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t/, "\tTIME\t"))).toEqual([
    "10\topen\tTIME\t/bin/a:11:f:g",
    "20\tfixed:2.0-1\tTIME\t/bin/b:11:\\x1b[31mf:g",
    "30\tfixed\tTIME\t/bin/c:11:f:g",
  ]);
});

test("dump --json prints one object a line", async () => {
  const crashes = (await onDatabase("dump", "--json"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(crashes[1]).toEqual({
    id: 20,
    signature: "/bin/b:11:\u001b[31mf:g",
    fixedVersion: "2.0-1",
    lastChange: expect.stringMatching(/^\d{4}-/),
  });
});

test("show prints all about one crash", async () => {
  expect(await onDatabase("show", "10")).toContain("Address signature  /bin/a:11:/l.so+1\n");
  expect(JSON.parse(await onDatabase("show", "10", "--json"))).toMatchObject({
    id: 10,
    addressSignatures: ["/bin/a:11:/l.so+1"],
    furtherSignatures: [],
  });
});

test("fixed, reopen and remove change one crash", async () => {
  await onDatabase("fixed", "10", "1:2.3~rc1-4+deb12u1");
  expect(await onDatabase("dump")).toMatch(/^10\tfixed:1:2\.3~rc1-4\+deb12u1\t/m);
  await onDatabase("fixed", "20", "unknown");
  await onDatabase("reopen", "10");
  await onDatabase("remove", "30");
  const dump = await onDatabase("dump");
  expect(dump).toMatch(/^10\topen\t/m);
  expect(dump).toMatch(/^20\tfixed\t/m);
  // Not anywhere: a time has 30 seconds in it now and then.
  expect(dump).not.toMatch(/^30\t/m);
});

test("merge and change-master move everything", async () => {
  expect(await onDatabase("merge", "30", "10")).toBe("crash 30 is now part of crash 10\n");
  expect(JSON.parse(await onDatabase("show", "10", "--json"))).toMatchObject({
    furtherSignatures: ["/bin/c:11:f:g"],
    addressSignatures: ["/bin/a:11:/l.so+1", "/bin/c:11:/l.so+1"],
  });
  expect(await onDatabase("change-master", "10", "99")).toBe("crash 10 is now part of crash 99\n");
  expect(JSON.parse(await onDatabase("show", "99", "--json"))).toMatchObject({ signature: "/bin/a:11:f:g" });
  expect(await failing("show", "10")).toContain("crash 10 is not in the duplicate database");
});

test("publish writes the folders for clients", async () => {
  const folderToPublish = join(folder, "www");
  expect(await onDatabase("publish", folderToPublish)).toBe("published 3 signatures and 3 address signatures\n");
  expect(await readFile(join(folderToPublish, "sig", "_bin_a_11"), "utf8")).toBe("10 /bin/a:11:f:g\n");
});

test("an unknown crash is an error that says so", async () => {
  for (const words of [
    ["fixed", "7", "1.0"],
    ["remove", "7"],
    ["merge", "7", "10"],
  ]) {
    expect(await failing(...words)).toContain("crash 7 is not in the duplicate database");
  }
  expect(await failing("merge", "10", "10")).toContain("the same crash");
});

test("a wrong id or version is a usage error", async () => {
  for (const words of [
    ["show", "1e3"],
    ["fixed", "10", "not a version"],
  ]) {
    expect(await dupdb(...words, "-d", path)).toMatchObject({ code: 2, stdout: "" });
  }
});

test("a database that is not there is an error and is not created", async () => {
  const outcome = await dupdb("dump", "-d", join(folder, "nothing.db"));
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing.db") });
  await expect(readFile(join(folder, "nothing.db"))).rejects.toThrow("ENOENT");
});

test("check names what is wrong and exits with 1", async () => {
  expect(JSON.parse(await onDatabase("check", "--json"))).toEqual({ ok: true, problems: [] });
  const sql = "DELETE FROM crashes WHERE crash_id = 10";
  await run(
    [
      "/usr/bin/python3",
      "-c",
      `import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute("${sql}"); d.commit()`,
      path,
    ],
    {
      deadlineMs: 60_000,
    },
  );
  const outcome = await dupdb("check", "-d", path);
  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toContain("crash 10, which is not stored");
});

test("a file that is no database is explained without a backtrace", async () => {
  await writeFile(path, "hello ".repeat(500));
  const message = await failing("check");
  expect(message).toContain("file is not a database");
  expect(message).toContain("check the path");
  expect(message).not.toContain("    at ");
});

test("without --duplicate-db the configuration tells which", async () => {
  const config = join(folder, "config.toml");
  await writeFile(config, `[duplicates]\ndatabase = ${JSON.stringify(path)}\n`);
  const env = { ...minimalEnvironment, HOME: folder };
  const named = await run([command, "--config", config, "dupdb", "dump"], { deadlineMs: 60_000, env });
  expect(named.stdout.toString()).toContain("10\topen\t");
  await writeFile(config, `state_dir = ${JSON.stringify(folder)}\n`);
  const implied = await run([command, "--config", config, "dupdb", "dump"], { deadlineMs: 60_000, env });
  expect(implied.stdout.toString()).toContain("10\topen\t");
});
