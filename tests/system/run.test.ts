import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { createSignedLab, type Lab } from "../lab/lab.ts";
import type { PackagedProgram } from "../lab/program.ts";
import { pythonReport } from "../lab/python-report.ts";
import { cutCore, makeReport } from "../lab/report.ts";

let lab: Lab<"asserts" | "inlined">;
let reports: { workers: string; again: string; asserts: string; inlined: string; python: string; cutOff: string };

beforeAll(async () => {
  lab = await createSignedLab("asserts", "inlined");
  const { workers, asserts, inlined } = lab.programs;
  const whole = await crashProgram(workers, lab.folder);
  const half = Math.floor((await stat(whole)).size / 2);
  reports = {
    workers: await report(workers, await crashProgram(workers, lab.folder), "workers"),
    again: await report(workers, await crashProgram(workers, lab.folder), "again"),
    asserts: await report(asserts, await crashProgram(asserts, lab.folder), "asserts"),
    inlined: await report(inlined, await crashProgram(inlined, lab.folder), "inlined"),
    cutOff: await report(workers, await cutCore(whole, half, join(lab.folder, "cut.core")), "cut-off"),
    python: await pythonReport(
      { scriptPath: join(lab.folder, "opt", "timesheet.py"), package: "timesheet 1.0-1", release: lab.release },
      join(lab.folder, "timesheet.crash"),
    ),
  };
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function report(program: PackagedProgram, core: string, name: string): Promise<string> {
  const { installedPath, name: packageName, version } = program.recipe;
  return await makeReport(
    { core, executablePath: installedPath, package: `${packageName} ${version}`, release: lab.release },
    join(lab.folder, `${name}.crash`),
  );
}

const summarySchema = z.object({
  crashes: z.array(
    z.object({
      id: z.number(),
      verdict: z.string(),
      master: z.number().nullable(),
      reason: z.string().nullable(),
      topFunction: z.string().nullable(),
    }),
  ),
});

async function runJson(command: CommandLab, ...args: readonly string[]) {
  const result = await command.crashDigger(["run", "--format", "json", ...args]);
  expect(result.stderr).toBe("");
  expect(result.exitCode).toBe(0);
  return summarySchema.parse(JSON.parse(result.stdout.toString("utf8"))).crashes;
}

test("a batch of real crashes: new, duplicate, Python, cut off, all in one run", async () => {
  const command = await createCommandLab(lab);
  for (const path of [reports.workers, reports.again, reports.python, reports.cutOff]) await command.submit(path);
  expect(await runJson(command)).toMatchObject([
    { id: 1, verdict: "new", topFunction: "count_pages" },
    { id: 2, verdict: "duplicate", master: 1 },
    { id: 3, verdict: "new", topFunction: "hours_of" },
    { id: 4, verdict: "invalid", reason: expect.stringContaining("cut off") },
  ]);
  const { fields } = (await command.crash(1)).header;
  expect(fields.get("Stacktrace")).toMatch(/count_pages \(document=0x0\) at \/usr\/src\/lab\/workers\.c:\d+/);
  expect(fields.get("ThreadStacktrace")).toContain("Thread 3");
  expect(fields.get("StacktraceAddressSignature")).toContain(`${lab.programs.workers.recipe.installedPath}:11:`);
  expect(await runJson(command)).toEqual([]);
});

test("an assertion's message becomes the signature, and inlined frames are told as such", async () => {
  const command = await createCommandLab(lab);
  await command.submit(reports.asserts);
  await command.submit(reports.inlined);
  expect(await runJson(command, "--jobs", "1")).toMatchObject([{ verdict: "new" }, { verdict: "new" }]);
  expect((await command.crash(1)).header.fields.get("AssertionMessage")).toContain("Assertion `");
  const trace =
    (await command.crash(2)).header.fields.get("Trace.json") ?? (await attachment(command, 2, "Trace.json"));
  expect(JSON.parse(trace)[0].frames).toContainEqual(expect.objectContaining({ inlined: true }));
});

async function attachment(command: CommandLab, id: number, name: string): Promise<string> {
  const result = await command.crashDigger(["show", String(id), "--field", name]);
  return result.stdout.toString("utf8");
}

test("the log has one line a crash, stderr stays empty, and the table is for people", async () => {
  const command = await createCommandLab(lab);
  await command.submit(reports.cutOff);
  const result = await command.crashDigger(["run"]);
  expect(result.stderr).toBe("");
  const lines = result.stdout.toString("utf8").trimEnd().split("\n");
  expect(lines.filter((line) => line.includes("crash done crash=1 verdict=invalid"))).toHaveLength(1);
  expect(lines.every((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z \S/.test(line))).toBe(true);
  await command.submit(reports.cutOff);
  const table = await command.crashDigger(["run", "--format", "table"]);
  expect(table.stdout.toString("utf8")).toMatch(/ID +PROGRAM +VERDICT +MASTER +TOP FUNCTION +FIDELITY +TIME +NEXT/);
});

test("a broken archive stops the batch, keeps the lock, changes no crash, and is told once a day", async () => {
  const command = await createCommandLab(lab);
  await command.submit(reports.workers);
  await command.submit(reports.inlined);
  const before = [await command.crash(1), await command.crash(2)];
  const behaveAgain = lab.server.misbehave(/InRelease/, { kind: "status", status: 503 });
  const broken = await command.crashDigger(["run"]);
  behaveAgain();
  expect(broken.exitCode).toBe(1);
  expect(broken.stderr).toMatch(/^crash-digger stopped: while working on crash \d: /);
  expect(broken.stderr).toContain("503");
  expect(broken.stderr).toMatch(/\n {4}at /);
  expect([await command.crash(1), await command.crash(2)]).toEqual(before);
  expect(readFileSync(command.lockPath, "utf8")).toContain("reason: ");

  const next = await command.crashDigger(["run"]);
  expect(next).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crashDigger(["status"])).exitCode).toBe(1);
  const unlocked = await command.crashDigger(["unlock"]);
  expect(unlocked.stdout.toString("utf8")).toMatch(/^Unlocked\. It said: /);
  expect(await runJson(command)).toMatchObject([{ verdict: "new" }, { verdict: "new" }]);
  expect(existsSync(command.lockPath)).toBe(false);
});

test("a damaged duplicate database stops the batch before anything is done", async () => {
  const command = await createCommandLab(lab);
  await command.submit(reports.cutOff);
  writeFileSync(
    join(command.stateFolder, "duplicates.db"),
    "this is no database, and long enough to be looked at\n".repeat(50),
  );
  const result = await command.crashDigger(["run"]);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("duplicates.db");
  expect((await command.crash(1)).header.status).toEqual({ kind: "open" });
});

test("a release without package sources is left alone", async () => {
  const command = await createCommandLab(lab);
  const { installedPath } = lab.programs.workers.recipe;
  const core = await crashProgram(lab.programs.workers, lab.folder);
  const foreign = { core, executablePath: installedPath, package: "workers 1.0-1", release: "Elsewhere 9" };
  await command.submit(await makeReport(foreign, join(lab.folder, "elsewhere.crash")));
  expect(await runJson(command)).toMatchObject([{ id: 1, verdict: "not-ours" }]);
  expect(await runJson(command)).toMatchObject([{ id: 1, verdict: "not-ours" }]);
});
