import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { createSignedLab, type Lab } from "../lab/lab.ts";
import { cutCore, makeReport } from "../lab/report.ts";

let lab: Lab;
let command: CommandLab;
let core: string;
let report: string;

beforeAll(async () => {
  lab = await createSignedLab();
  command = await createCommandLab(lab);
  core = await crashProgram(lab.programs.workers, lab.folder);
  report = await reportOf(core, "workers.crash");
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function reportOf(corePath: string, name: string, fields: Record<string, string | null> = {}): Promise<string> {
  const { installedPath } = lab.programs.workers.recipe;
  const recipe = {
    core: corePath,
    executablePath: installedPath,
    package: "workers 1.0-1",
    release: lab.release,
    fields,
  };
  return await makeReport(recipe, join(lab.folder, name));
}

async function retrace(...args: readonly string[]) {
  const result = await command.crashDigger(["retrace", ...args]);
  return { ...result, out: result.stdout.toString("utf8") };
}

test("-s prints the traces and leaves the report as it was", async () => {
  const before = await readFile(report);
  const { out, exitCode, stderr } = await retrace("-s", report);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/--- Stacktrace ---\n#0 .*count_pages \(document=0x0\)/);
  expect(out).toContain("--- ThreadStacktrace ---");
  expect(out).toMatch(/MODULE +STATUS +WHY/);
  expect(await readFile(report)).toEqual(before);
});

test("-o writes a report that has the traces and still the core, and can be retraced again", async () => {
  const output = join(lab.folder, "traced.crash");
  expect((await retrace("-o", output, report)).exitCode).toBe(0);
  const signature = await command.crashDigger(["signature", "--json", output]);
  expect(JSON.parse(signature.stdout.toString("utf8"))).toMatchObject({
    signature: `${lab.programs.workers.recipe.installedPath}:11:count_pages:print_job:handle_job:crashing_worker:start_thread`,
    useful: true,
  });
  expect((await retrace("-s", output)).out).toContain("count_pages");
});

test("without an output option the report itself gets the traces, as with apport-retrace", async () => {
  const own = join(lab.folder, "own.crash");
  await copyFile(report, own);
  expect((await retrace(own)).exitCode).toBe(0);
  expect(await readFile(own, "utf8")).toContain("StacktraceTop:\n count_pages (document=0x0)");
});

test("--json gives frames with module, build-id, offset, source line, arguments and locals", async () => {
  const result = JSON.parse((await retrace("--json", report)).out);
  const crashed = result.threads[0];
  expect(crashed.crashed).toBe(true);
  expect(crashed.frames[0]).toMatchObject({
    function: "count_pages",
    module: lab.programs.workers.recipe.installedPath,
    buildId: lab.programs.workers.split.buildId,
    moduleOffset: expect.stringMatching(/^0x[0-9a-f]+$/),
    file: "/usr/src/lab/workers.c",
    line: expect.any(Number),
    arguments: [{ name: "document", value: "0x0" }],
    status: "symbolized",
    inlined: false,
  });
  const program = result.modules.find((module: { path: string }) => module.path === crashed.frames[0].module);
  expect(program).toMatchObject({ status: "matched", debug: { source: "archive", package: "workers-dbgsym=1.0-1" } });
});

test("-S and -C stand in for the configuration", async () => {
  const bare = await createCommandLab(lab);
  const nowhere = await bare.crashDigger(["retrace", "-s", "-S", lab.folder, report]);
  expect(nowhere.stdout.toString("utf8")).toMatch(/workers +not-packaged/);
  const cache = join(lab.folder, "own-cache");
  const found = await bare.crashDigger(["retrace", "-s", "-S", lab.configFolder, "-C", cache, report]);
  expect(found.stdout.toString("utf8")).toMatch(/workers +matched/);
});

test("a report without package, maps and signal is traced all the same: its build-ids tell", async () => {
  const fields = { Package: null, Dependencies: null, ProcMaps: null, Signal: null };
  const bare = await reportOf(core, "bare.crash", fields);
  expect((await retrace("-s", bare)).out).toContain("count_pages (document=0x0)");
});

test("a crash on the tracker is printed and left as it is", async () => {
  const id = await command.submit(report);
  const before = await command.crash(id);
  expect((await retrace(String(id))).out).toContain("count_pages (document=0x0)");
  expect(await command.crash(id)).toEqual(before);
});

test("a cut-off core is refused with the bytes that are missing", async () => {
  const cut = await reportOf(await cutCore(core, 100_000, join(lab.folder, "cut.core")), "cut.crash");
  const result = await retrace("-s", cut);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toMatch(/cut\.crash: the core dump is cut off: \d+ bytes of \d+ are missing/);
});

test.each([
  [["/nonexistent.crash"], 1, "/nonexistent.crash"],
  [["99999"], 1, "crash 99999: the tracker has no such crash"],
  [["-s", "-g", "x.crash"], 2, "only one of"],
  [[], 2, "missing required argument"],
] as const)("retrace %j says what is wrong", async (args, code, words) => {
  const result = await retrace(...args);
  expect(result.exitCode).toBe(code);
  expect(result.stderr).toContain(words);
});

test("an archive that is away is a failure of the service, with apt's own words", async () => {
  const bare = await createCommandLab(lab);
  const behaveAgain = lab.server.misbehave(/./, { kind: "status", status: 503 });
  const result = await bare.crashDigger(["retrace", "-s", report]);
  behaveAgain();
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("503");
  expect(result.stderr).toContain("What to do: ");
});
