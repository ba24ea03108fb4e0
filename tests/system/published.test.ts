import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addPackages, publish, removePackage } from "../lab/archive.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { type LaunchpadLab, startLaunchpad } from "../lab/launchpad/start-launchpad.ts";
import { packageProgram } from "../lab/program.ts";
import { makeReport } from "../lab/report.ts";
import { writeReleaseFolder } from "../lab/sources.ts";
import { crashAsBug } from "../lab/tracker/crash-as-bug.ts";

const release = "Ubuntu 24.04";

let lab: Lab;
let launchpad: LaunchpadLab;
let core: string;
let report: string;

// A machine crashed with workers 1.0-1; since then the archive has moved on to 2.0-1.
beforeAll(async () => {
  [lab, launchpad] = await Promise.all([createLab(), startLaunchpad()]);
  const { recipe, package: old, debugPackage } = lab.programs.workers;
  const { installedPath } = recipe;
  core = await crashProgram(lab.programs.workers, lab.folder);
  report = await makeReport(
    { core, executablePath: installedPath, package: "workers 1.0-1", release },
    join(lab.folder, "workers.crash"),
  );
  const newer = await packageProgram({ ...recipe, version: "2.0-1", flags: ["-O1"] }, lab.folder);
  for (const each of [old, debugPackage]) {
    await removePackage(lab.archive, each);
    const { name, version, architecture, source, path } = each;
    const files = [{ name: `${name}_${version}_${architecture}.deb`, path }];
    launchpad.publish({ series: "noble", source, version, binary: { name, architecture, files } });
  }
  await addPackages(lab.archive, [newer.package, newer.debugPackage]);
  await publish(lab.archive);
  const sources = [{ archive: lab.archive, uri: lab.server.url }];
  await writeReleaseFolder(lab.configFolder, { release, codename: "lab", sources });
});

beforeEach(() => {
  launchpad.forgetRequests();
});

afterAll(async () => {
  await Promise.all([launchpad.close(), lab[Symbol.asyncDispose]()]);
});

function onLaunchpad(more = ""): Promise<CommandLab> {
  const tracker = `[tracker]\ntype = "launchpad"\ndistribution = "ubuntu"\napi = "${launchpad.webUrl}"\n`;
  return createCommandLab(lab, tracker + more);
}

async function programIn(command: CommandLab) {
  const result = await command.crashDigger(["retrace", "--json", report]);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const { fields, modules } = JSON.parse(result.stdout.toString("utf8"));
  const { installedPath } = lab.programs.workers.recipe;
  return { fields, program: modules.find(({ path }: { path: string }) => path === installedPath) };
}

test("without it the trace of a version that has left the archive has no names, and says why", async () => {
  const { fields, program } = await programIn(await onLaunchpad('[symbols]\nsources = ["host", "archive"]\n'));
  expect(fields.StacktraceTop).not.toContain("count_pages");
  expect(program).toMatchObject({ status: "gone", versionWanted: "1.0-1", versionsAvailable: ["2.0-1"] });
  expect(launchpad.requests()).toEqual([]);
});

test("where the bugs are a distribution's, its trace has them, and says where they came from", async () => {
  const { fields, program } = await programIn(await onLaunchpad());
  expect(fields.StacktraceTop).toContain("count_pages (document=0x0)");
  expect(program).toMatchObject({
    status: "matched",
    executable: { source: "launchpad", package: "workers=1.0-1" },
    debug: { source: "launchpad", package: "workers-dbgsym=1.0-1" },
  });
});

test("with a local tracker it is one line of the configuration, and no credentials", async () => {
  const ladder = `[symbols]\nsources = ["archive", "launchpad"]\nlaunchpad_api = "${launchpad.webUrl}"\n`;
  const command = await createCommandLab(lab, ladder);
  expect((await programIn(command)).fields.StacktraceTop).toContain("count_pages (document=0x0)");
  const verified = await command.crashDigger(["cache", "verify", "--json"]);
  expect(verified).toMatchObject({ exitCode: 0, stderr: "" });
  launchpad.forgetRequests();
  await programIn(command);
  expect(launchpad.requests()).toEqual([]);
});

test("a batch puts such a trace on its bug", async () => {
  const credentials = join(lab.folder, "launchpad-credentials");
  await writeFile(credentials, launchpad.credentials(), { mode: 0o600 });
  const command = await onLaunchpad(`credentials = "${credentials}"\n`);
  const fields = {
    ProblemType: "Crash",
    Architecture: lab.architecture,
    DistroRelease: release,
    ExecutablePath: lab.programs.workers.recipe.installedPath,
    Package: "workers 1.0-1",
    Signal: "11",
  };
  const id = launchpad.addBug(crashAsBug(fields, await readFile(core)));
  const result = await command.crashDigger(["run", "--format", "json"]);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(result.stdout.toString("utf8")).crashes).toMatchObject([
    { id, verdict: "new", topFunction: "count_pages" },
  ]);
});

test("while Launchpad is away a retrace says so and is to be tried again: no poor trace without a word", async () => {
  const command = await onLaunchpad();
  const stop = launchpad.fault({
    route: "GET series list",
    times: Number.POSITIVE_INFINITY,
    fault: { kind: "status", status: 503 },
  });
  const result = await command.crashDigger(["retrace", "-s", report]);
  stop();
  expect(result.exitCode).toBe(99);
  expect(result.stderr).toMatch(/workers\.crash: GET .*\/devel\/ubuntu\/series: 503/);
  expect(result.stdout.toString("utf8")).toBe("");
});
