import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readReport } from "../../../src/report/read-report.ts";
import type { Report } from "../../../src/report/types.ts";
import { crashProgram } from "../../lab/crash-program.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { pythonReport } from "../../lab/python-report.ts";
import { cutCore, makeReport } from "../../lab/report.ts";
import { tool } from "../../lab/tool.ts";

let lab: Lab<"plugin" | "foo" | "newerFoo">;
let core: string;

beforeAll(async () => {
  lab = await createLab("plugin", "foo", "newerFoo");
  core = await crashProgram(lab.programs.workers, lab.folder);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function read(path: string): Promise<Report> {
  const spoolFolder = `${path}.spool`;
  await mkdir(spoolFolder);
  const result = await readReport(path, { spoolFolder, binaries: "spool" });
  if (!result.ok) throw new Error(result.fault.message);
  return result.report;
}

function recipe() {
  const { installedPath } = lab.programs.workers.recipe;
  return { core, executablePath: installedPath, package: "workers 1.0-1", release: lab.release };
}

test("a report from a core has what a retrace needs, and the core itself", async () => {
  const path = await makeReport({ ...recipe(), dependencies: "libc6 2.36" }, join(lab.folder, "workers.crash"));
  const report = await read(path);
  expect(Object.fromEntries(report.fields)).toMatchObject({
    ProblemType: "Crash",
    Architecture: lab.architecture,
    Dependencies: "libc6 2.36",
    DistroRelease: "Lab 1",
    ExecutablePath: lab.programs.workers.recipe.installedPath,
    Package: "workers 1.0-1",
    ProcCmdline: expect.stringContaining("workers"),
    ProcMaps: expect.stringMatching(/r-xp .*workers\n(.*\n)*.*libc/),
    Signal: "11",
    SignalName: "SIGSEGV",
  });
  expect(report.fields.get("Date")).toMatch(/^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/);
  await tool(["cmp", core, report.binaries.get("CoreDump")?.path ?? ""]);
});

test("fields of a report can be changed and left out", async () => {
  const fields = { Package: null, DistroRelease: "Elsewhere 9", Tags: "lab" };
  const report = await read(await makeReport({ ...recipe(), fields }, join(lab.folder, "changed.crash")));
  expect(report.fields.has("Package")).toBe(false);
  expect([report.fields.get("DistroRelease"), report.fields.get("Tags")]).toEqual(["Elsewhere 9", "lab"]);
});

test("a crash in a plugin is a crash in the library of that version", async () => {
  const { plugin, foo } = lab.programs;
  const args = [foo.recipe.installedPath];
  const crashed = await crashProgram(plugin, lab.folder, { arguments: args, libraries: [foo] });
  const modules = (await tool(["eu-unstrip", "-n", `--core=${crashed}`])).toString("utf8");
  expect(modules).toContain(foo.split.buildId);
  expect(modules).not.toContain(lab.programs.newerFoo.split.buildId);
});

test("nothing of a crashed program is left at its path", async () => {
  await expect(stat(lab.programs.workers.recipe.installedPath)).rejects.toThrow("ENOENT");
});

test("a cut core has the bytes that were kept", async () => {
  const cut = await cutCore(core, 50_000, join(lab.folder, "cut"));
  expect((await stat(cut)).size).toBe(50_000);
  await tool(["cmp", "--bytes=50000", core, cut]);
});

test("a Python report has the traceback that Python printed, and no core", async () => {
  const scriptPath = join(lab.folder, "opt", "lab", "bin", "timesheet");
  const recipe = { scriptPath, package: "timesheet 1.0", release: lab.release };
  const report = await read(await pythonReport(recipe, join(lab.folder, "python.crash")));
  const lines = (report.fields.get("Traceback") ?? "").split("\n");
  expect(lines[0]).toBe("Traceback (most recent call last):");
  expect(lines).toContain(`  File "${scriptPath}", line 6, in hours_of`);
  expect(lines.at(-1)).toBe("KeyError: 'hours'");
  expect(report.fields.get("InterpreterPath")).toMatch(/^\/usr\/bin\/python3\.\d+$/);
  expect(report.binaries.size).toBe(0);
});
