import { existsSync } from "node:fs";
import { cp, open, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { minimalEnvironment, type ProcessResult, run } from "../../src/system/process.ts";
import { type CommandLab, createCommandLab, launcher, withoutSourceLines } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { crashReport } from "../lab/crash-report.ts";
import { outcomeOf } from "../lab/killed/outcome.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { pythonReport } from "../lab/python-report.ts";
import { cutCore, makeReport } from "../lab/report.ts";
import { startBatch } from "../lab/started-batch.ts";

let lab: Lab<"asserts">;
beforeAll(async () => {
  lab = await createLab("asserts");
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function ok(command: CommandLab, ...args: readonly string[]): Promise<string> {
  const result = await command.crashDigger(args);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return result.stdout.toString("utf8");
}

/** Runs what a message says, as a person pastes it into a shell. */
async function paste(line: string): Promise<ProcessResult> {
  const path = [dirname(launcher), minimalEnvironment["PATH"]].join(delimiter);
  return await run(["sh", "-c", line], { deadlineMs: 100_000, env: { ...minimalEnvironment, PATH: path } });
}

function commandIn(notice: string): string {
  const found = /Put it back with: (crash-digger .*?) \(the damaged/.exec(notice)?.[1];
  if (found === undefined) throw new Error(`no command in: ${notice}`);
  return found;
}

async function traceback(name: string): Promise<string> {
  const scriptPath = join(lab.folder, "opt", `${name}.py`);
  return await pythonReport(
    { scriptPath, package: `${name} 1.0-1`, release: lab.release },
    join(lab.folder, `${name}.crash`),
  );
}

async function cutOff(): Promise<string> {
  const core = await crashProgram(lab.programs.workers, lab.folder);
  const half = await cutCore(core, Math.floor((await stat(core)).size / 2), join(lab.folder, "half.core"));
  const { installedPath } = lab.programs.workers.recipe;
  const report = { core: half, executablePath: installedPath, package: "workers 1.0-1", release: lab.release };
  return await makeReport(report, join(lab.folder, "cut-off.crash"));
}

test("batches, a backup, further batches, damage, restore, a batch: nothing is said twice, and all is known again", async () => {
  const command = await createCommandLab(lab, withoutSourceLines);
  const asserts = await crashReport(lab, lab.programs.asserts);
  await command.submit(await crashReport(lab, lab.programs.workers));
  await command.submit(await traceback("timesheet"));
  await ok(command, "run");
  expect(await ok(command, "backup")).toMatch(/ backup taken backup=\S+ .*databases=state,duplicates,tracker /);
  await command.submit(asserts);
  await command.submit(await crashReport(lab, lab.programs.workers));
  await command.submit(await traceback("calendar"));
  await command.submit(await cutOff());
  await ok(command, "run");
  const before = await outcomeOf(command);
  for (const name of ["state.db", "duplicates.db"]) {
    await writeFile(join(command.stateFolder, name), "no database, but long enough to be looked at\n".repeat(100));
  }
  const stopped = await command.crashDigger(["run"]);
  expect(stopped.exitCode).toBe(1);
  expect(await ok(command, "backup", "restore")).toMatch(
    /^state: put back [\s\S]*^duplicates: put back [\s\S]*Next: .* unlock/m,
  );
  await ok(command, "unlock");
  expect(JSON.parse(await ok(command, "run", "--format", "json"))).toMatchObject({ crashes: [] });
  const after = await outcomeOf(command);
  expect({ ...after, state: null }).toEqual({ ...before, state: null });
  const again = await command.submit(asserts);
  expect(JSON.parse(await ok(command, "run", "--format", "json"))).toMatchObject({
    crashes: [{ id: again, verdict: "duplicate", master: 3 }],
  });
});

describe("damage", () => {
  let command: CommandLab;
  let kept: string;
  beforeAll(async () => {
    command = await createCommandLab(lab, withoutSourceLines);
    for (const name of ["one", "two", "three"]) await command.submit(await traceback(name));
    await ok(command, "run");
    await ok(command, "backup");
    await command.submit(await traceback("four"));
    kept = join(lab.folder, "kept-state");
    await cp(command.stateFolder, kept, { recursive: true });
  });
  beforeEach(async () => {
    await rm(command.stateFolder, { recursive: true });
    await cp(kept, command.stateFolder, { recursive: true });
  });

  const pathOf = (name: string): string =>
    name === "tracker" ? join(command.stateFolder, "tracker", "tracker.db") : join(command.stateFolder, `${name}.db`);

  async function overwrite(path: string, at: number, bytes: Buffer): Promise<void> {
    const file = await open(path, "r+");
    await file.write(bytes, 0, bytes.length, at);
    await file.close();
  }

  /** Takes an entry out of an index, by writing the index as it was before the row came. */
  async function staleIndex(path: string): Promise<void> {
    const pageOf = (sqlite: DatabaseSync): { root: number; size: number } => {
      const root = sqlite.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'attempts_by_crash'").get();
      return {
        root: Number(root?.["rootpage"]),
        size: Number(sqlite.prepare("PRAGMA page_size").get()?.["page_size"]),
      };
    };
    using sqlite = new DatabaseSync(path);
    sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const { root, size } = pageOf(sqlite);
    const page = (await readFile(path)).subarray((root - 1) * size, root * size);
    sqlite.exec("DELETE FROM attempts; PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite.close();
    await overwrite(path, (root - 1) * size, page);
  }

  const damages: readonly [string, string, (path: string) => Promise<void>][] = [
    ["header", "duplicates", (path) => overwrite(path, 0, Buffer.from("SQLITE FORM"))],
    ["page", "tracker", (path) => overwrite(path, 4096 * 3, Buffer.alloc(64, 0xff))],
    ["index", "state", staleIndex],
    ["truncated", "duplicates", async (path) => truncate(path, (await stat(path)).size - 4096)],
    ["emptied", "state", (path) => truncate(path, 0)],
    ["gone", "duplicates", (path) => rm(path)],
  ];

  test.each(damages)(
    "%s of the database %s: found before anything is written, with the command that helps",
    async (_, name, damage) => {
      await damage(pathOf(name));
      const before = await contents(command.stateFolder);
      const stopped = await command.crashDigger(["run"]);
      expect(stopped.exitCode).toBe(1);
      expect(stopped.stderr).toMatch(/^crash-digger stopped: database .*\.db/);
      expect(await contents(command.stateFolder)).toEqual(before);
      const line = commandIn(stopped.stderr);
      expect(line).toMatch(new RegExp(` backup restore ${name} --at \\d{4}-`));
      expect(await paste(line)).toMatchObject({ exitCode: 0, stderr: "" });
      await ok(command, "unlock");
      await ok(command, "run");
      const isLost = name === "tracker";
      if (!isLost) expect((await command.crash(4)).header.tags).toEqual([]);
      expect((await command.crash(1)).header.tags).toEqual([]);
    },
  );

  /** The databases' own bytes; what lies beside them tells nothing of crashes. */
  async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
    const names = (await readdir(folder, { recursive: true })).filter((name) => /(?<!backups.*)\.db$/.test(name));
    const texts = names.map(async (name) => [name, (await readFile(join(folder, name))).toString("base64")] as const);
    return Object.fromEntries(await Promise.all(texts));
  }
});

test("a backup is taken beside a batch, nothing is put back beside one, and a log that was lost with it is missed", async () => {
  const command = await createCommandLab(lab, withoutSourceLines);
  const crash = await command.submit(await crashReport(lab, lab.programs.asserts));
  const statePath = join(command.stateFolder, "state.db");
  await ok(command, "run", "--limit", "1", "-D");
  const end = lab.server.misbehave(/InRelease/, { kind: "hang" });
  const batch = startBatch(command);
  try {
    await expect.poll(() => existsSync(`${statePath}.unmerged`), { timeout: 60_000 }).toBe(true);
    await ok(command, "backup");
    const refused = await command.crashDigger(["backup", "restore", "state"]);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toMatch(/^crash-digger: a batch is running \(process \d+\): nothing was put back/);
    expect(existsSync(command.lockPath)).toBe(true);
  } finally {
    process.kill(batch.pid, "SIGKILL");
    await batch.ended;
    end();
    lab.server.dropConnections();
  }
  await rm(`${statePath}-wal`);
  await rm(`${statePath}-shm`, { force: true });
  await ok(command, "unlock");
  const stopped = await command.crashDigger(["run"]);
  expect(stopped.exitCode).toBe(1);
  expect(stopped.stderr).toMatch(
    /^crash-digger stopped: database .*state\.db is damaged: its write-ahead log .* is gone/,
  );
  expect(await paste(commandIn(stopped.stderr))).toMatchObject({ exitCode: 0, stderr: "" });
  await ok(command, "unlock");
  expect(JSON.parse(await ok(command, "run", "--format", "json"))).toMatchObject({
    crashes: [{ id: crash, verdict: "new" }],
  });
});

test("list, verify and restore for programs; a backup that cannot be kept is told like a batch's failure", async () => {
  const command = await createCommandLab(lab, `[backup]\nsecond_dir = ${JSON.stringify(join(lab.folder, "second"))}\n`);
  await command.submit(await traceback("five"));
  await ok(command, "run");
  const taken = JSON.parse(await ok(command, "backup", "--json"));
  expect(taken).toMatchObject({ outcome: "taken", name: expect.stringMatching(/Z$/) });
  const { backups } = JSON.parse(await ok(command, "backup", "list", "--json"));
  expect(backups).toMatchObject([
    { name: taken.name },
    { name: taken.name, path: join(lab.folder, "second", taken.name) },
  ]);
  expect(await ok(command, "backup", "verify")).toMatch(/^good .*\ngood .*second/);
  const packed = join(lab.folder, "second", taken.name, "state.db.zst");
  await truncate(packed, 20);
  const verified = await command.crashDigger(["backup", "verify", "--json"]);
  expect(verified.exitCode).toBe(1);
  expect(JSON.parse(verified.stdout.toString("utf8")).backups[1].problems[0]).toMatch(/^state\.db\.zst: /);
  expect(JSON.parse(await ok(command, "backup", "restore", "tracker", "--json"))).toMatchObject({
    restored: [{ name: "tracker" }],
    batchesStopped: false,
  });
  await rm(join(lab.folder, "second"), { recursive: true });
  await writeFile(join(lab.folder, "second"), "no folder");
  const failed = await command.crashDigger(["backup"]);
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toMatch(
    /^crash-digger backup failed: no backup could be made in .*second[\s\S]*^What to do: [\s\S]*^ +at /m,
  );
  expect(failed.stderr).not.toContain("Lock:");
});
