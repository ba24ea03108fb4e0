import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Manifest, manifestSchema } from "../../src/retrace/manifest-schema.ts";
import { openLocalTracker } from "../../src/tracker/local/local-tracker.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createLab, type Lab } from "../lab/lab.ts";

const archiveOnly = '[symbols]\nsources = ["archive"]\n';

let lab: Lab<"asserts">;
let command: CommandLab;
let report: string;
let manifestFile: string;
let manifest: Manifest;

beforeAll(async () => {
  lab = await createLab("asserts");
  command = await createCommandLab(lab, archiveOnly);
  report = await crashReport(lab, lab.programs.workers);
  manifestFile = join(lab.folder, "workers.json");
  await crashDigger("retrace", "-s", "--manifest", manifestFile, report);
  manifest = manifestSchema.parse(JSON.parse(await readFile(manifestFile, "utf8")));
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function crashDigger(...args: readonly string[]) {
  const result = await command.crashDigger(args);
  return { exitCode: result.exitCode, out: result.stdout.toString("utf8"), stderr: result.stderr };
}

let changes = 0;

/** The manifest with something changed, as a file. */
async function changed(change: Partial<Manifest>): Promise<string> {
  changes += 1;
  const path = join(lab.folder, `changed-${changes}.json`);
  await writeFile(path, JSON.stringify({ ...manifest, ...change }));
  return path;
}

test("the manifest tells the files by package and sha256, gdb, its commands, its memory, and what came out", () => {
  const { installedPath } = lab.programs.workers.recipe;
  const program = manifest.modules.find((module) => module.path === installedPath);
  expect(program).toMatchObject({ status: "matched", buildId: lab.programs.workers.split.buildId });
  expect(program?.files.map((file) => [file.kind, file.source, file.package])).toEqual([
    ["executable", "archive", "workers=1.0-1"],
    ["debug", "archive", "workers-dbgsym=1.0-1"],
  ]);
  expect(manifest.gdb).toMatch(/^GNU gdb/);
  expect(manifest.gdbCommands).toContain("bt full");
  expect(manifest.gdbPeakBytes).toBeGreaterThan(10_000_000);
  expect(Object.keys(manifest.result.fields)).toEqual(expect.arrayContaining(["Stacktrace", "StacktraceTop"]));
});

test("with an empty cache the same files are fetched again, and the result is the same", async () => {
  const bare = await createCommandLab(lab, archiveOnly);
  const result = await bare.crashDigger(["replay", report, "--manifest", manifestFile]);
  expect(result.stderr).toBe("");
  expect(result.stdout.toString("utf8")).toBe("identical\n");
  expect(result.exitCode).toBe(0);
});

test("a report that has its traces already is replayed as it was before", async () => {
  const traced = join(lab.folder, "traced.crash");
  await crashDigger("retrace", "-o", traced, report);
  expect(await crashDigger("replay", traced, "--manifest", manifestFile)).toMatchObject({
    exitCode: 0,
    out: "identical\n",
    stderr: "",
  });
});

test("symbols that were not there then are not used now", async () => {
  const { recipe, split } = lab.programs.workers;
  await mkdir(dirname(recipe.installedPath), { recursive: true });
  await copyFile(split.stripped, recipe.installedPath);
  const bare = await createCommandLab(lab, '[symbols]\nsources = ["host"]\n');
  const poor = join(lab.folder, "poor.json");
  await bare.crashDigger(["retrace", "-s", "--manifest", poor, report]);
  const { modules } = manifestSchema.parse(JSON.parse(await readFile(poor, "utf8")));
  const program = modules.find((module) => module.path === recipe.installedPath);
  expect(program?.files.map((file) => file.kind)).toEqual(["executable"]);
  const rich = await createCommandLab(lab);
  const result = await rich.crashDigger(["replay", report, "--manifest", poor]);
  expect(result.stdout.toString("utf8")).toBe("identical\n");
});

test("a field that differs is named; another gdb is a note", async () => {
  const { fields } = manifest.result;
  const others: Record<string, string> = { ...fields, Registers: "0".repeat(64) };
  delete others["Disassembly"];
  const result = { ...manifest.result, fields: others };
  const file = await changed({ result, gdb: "GNU gdb 1", crashDigger: "0.0.1" });
  const { out, exitCode } = await crashDigger("replay", report, "--manifest", file);
  expect(exitCode).toBe(1);
  expect(out).toContain("differs:\n  field Registers: differs\n  field Disassembly: was not there\n");
  expect(out).toContain("note: crash-digger was 0.0.1 and is ");
  expect(out).toContain("note: gdb was GNU gdb 1 and is GNU gdb ");
  expect(JSON.parse((await crashDigger("replay", "--json", report, "--manifest", file)).out)).toMatchObject({
    kind: "differs",
    differences: ["field Registers: differs", "field Disassembly: was not there"],
  });
});

test("a file that cannot be had any more is named, with the package that had it", async () => {
  const sha256 = "f".repeat(64);
  const modules = manifest.modules.map((module) => ({
    ...module,
    files: module.files.map((file) => (file.kind === "debug" ? { ...file, sha256 } : file)),
  }));
  const { out, exitCode } = await crashDigger("replay", report, "--manifest", await changed({ modules }));
  expect(exitCode).toBe(1);
  expect(out).toContain("not possible:\n");
  expect(out).toContain(`its debug file of workers-dbgsym=1.0-1 (sha256 ${sha256}) cannot be had\n`);
});

test("another crash's manifest is refused", async () => {
  const other = await crashReport(lab, lab.programs.asserts);
  const { out, exitCode } = await crashDigger("replay", other, "--manifest", manifestFile);
  expect(exitCode).toBe(1);
  expect(out).toMatch(/workers: this core has no such module; the manifest is another's/);
});

test.each([
  ["no JSON", "not a manifest"],
  ['{"format":2}', "not a manifest of this version of crash-digger at format"],
  ['{"format":1,"modules":[{"path":"/a","buildId":null,"status":"","files":[{"kind":"/etc"}]}]}', "not a manifest"],
])("%s is no manifest", async (text, words) => {
  const file = join(lab.folder, "bad.json");
  await writeFile(file, text);
  const { exitCode, stderr } = await crashDigger("replay", report, "--manifest", file);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(words);
});

test("without a manifest there is nothing to repeat", async () => {
  expect(await crashDigger("replay", report)).toMatchObject({ exitCode: 2 });
  const id = await command.submit(report);
  expect((await crashDigger("replay", String(id))).stderr).toContain(`crash ${id}: it has no manifest`);
  expect((await crashDigger("replay", "999")).stderr).toContain("the tracker has no such crash");
});

test("a crash of the tracker is replayed from what is attached to it, and the first difference is shown", async () => {
  const own = await createCommandLab(lab, archiveOnly);
  const id = await own.submit(report);
  const traced = JSON.parse((await own.crashDigger(["retrace", "--json", String(id)])).stdout.toString("utf8"));
  const tracker = await openLocalTracker(join(own.stateFolder, "tracker"));
  const attach = async (name: string, text: string) => void (await tracker.apply(id, { kind: "attach", name, text }));
  for (const [name, text] of Object.entries<string>(traced.fields)) await attach(`${name}.txt`, text);
  await attach("Trace.json", JSON.stringify(traced.threads, null, 1));
  await attach("Manifest.json", JSON.stringify(traced.manifest));
  expect((await own.crashDigger(["replay", String(id)])).stdout.toString("utf8")).toBe("identical\n");

  traced.threads[0].frames[1].function = "other";
  await attach("Trace.json", JSON.stringify(traced.threads));
  await attach("StacktraceTop.txt", traced.fields.StacktraceTop.replace("print_job", "other"));
  const result = {
    fields: { ...traced.manifest.result.fields, StacktraceTop: "0".repeat(64) },
    threads: "0".repeat(64),
  };
  await attach("Manifest.json", JSON.stringify({ ...traced.manifest, result }));
  await tracker.close();
  const { stdout, exitCode } = await own.crashDigger(["replay", String(id)]);
  expect(exitCode).toBe(1);
  expect(stdout.toString("utf8")).toMatch(/field StacktraceTop: line 2 was "other .*" and is "print_job .*" now\n/);
  expect(stdout.toString("utf8")).toMatch(/frames: thread \d+ differs from frame #1 on\n/);
});

test("after a batch the manifest is on the tracker; the core is not, so the report's file is needed", async () => {
  const own = await createCommandLab(lab, archiveOnly);
  const id = await own.submit(report);
  await own.crashDigger(["run"]);
  const attached = join(lab.folder, "attached.json");
  await writeFile(attached, (await own.crash(id)).attachmentTexts.get("Manifest.json") ?? "");
  expect((await own.crashDigger(["replay", String(id)])).stderr).toContain("it has no core dump (any more)");
  expect((await own.crashDigger(["replay", report, "--manifest", attached])).stdout.toString("utf8")).toBe(
    "identical\n",
  );
});
