import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { collect } from "../src/collect/collect.ts";
import { defaultReportLimits } from "../src/report/limits.ts";
import { nativeArchitecture } from "../tests/lab/architecture.ts";
import { addPackages, createArchive, publish } from "../tests/lab/archive.ts";
import { crashProgram } from "../tests/lab/crash-program.ts";
import { makeCore } from "../tests/lab/make-core.ts";
import { type PackagedProgram, packageProgram } from "../tests/lab/program.ts";
import { pythonReport } from "../tests/lab/python-report.ts";
import { cutCore, makeReport, writeFields } from "../tests/lab/report.ts";
import type { PublishedArchive } from "../tests/lab/sources.ts";

/** DistroRelease of the crashes of the demo's own package. */
export const demoRelease = "Demo 1";

/** Five reports of real crashes, and the archive that the demo's own program is in. */
export async function makeCrashes(
  folder: string,
): Promise<{ readonly reports: readonly string[]; readonly archive: PublishedArchive }> {
  const crashes = join(folder, "crashes");
  await mkdir(crashes, { recursive: true });
  const workers = await packageProgram(
    {
      name: "demo-workers",
      version: "1.0-1",
      sources: ["workers.c"],
      flags: ["-lpthread"],
      installedPath: join(crashes, "usr", "bin", "demo-workers"),
    },
    crashes,
  );
  const archive = await archiveWith(workers, folder);
  const reports = [
    await sleepReport(crashes),
    await workersReport(workers, crashes, "workers.crash"),
    await workersReport(workers, crashes, "workers-again.crash"),
    await timesheetReport(crashes),
    await cutOffReport(workers, crashes),
  ];
  return { reports, archive };
}

async function archiveWith(workers: PackagedProgram, folder: string): Promise<PublishedArchive> {
  const architectures = [await nativeArchitecture()];
  const archive = await createArchive(join(folder, "archive"), { suite: "demo", codename: "demo", architectures });
  await addPackages(archive, [workers.package, workers.debugPackage]);
  await publish(archive);
  return { archive, uri: `file:${archive.folder}` };
}

/** (a) The distribution's own sleep, killed in mid-sleep; its core is made a report as on a machine without Apport. */
async function sleepReport(crashes: string): Promise<string> {
  const corePath = await makeCore(["/usr/bin/sleep", "1000"], crashes);
  const architecture = await nativeArchitecture();
  const limits = { workFolder: crashes, maxCoreBytes: defaultReportLimits.binaryBytes };
  const report = await collect({ corePath, executable: null, architecture, ...limits }, new AbortController().signal);
  if (report.kind === "refused") throw new Error(report.reason);
  const core = new Map([["CoreDump", { path: report.corePath }]]);
  return await writeFields(Object.fromEntries(report.fields), core, join(crashes, "sleep.crash"));
}

/** (b), (c) The demo's own multi-threaded program, each time another process. */
async function workersReport(workers: PackagedProgram, crashes: string, name: string): Promise<string> {
  return await makeReport({ ...reportOf(workers), core: await crashProgram(workers, crashes) }, join(crashes, name));
}

/** (d) A Python script that ends with an exception: no core, only a traceback. */
async function timesheetReport(crashes: string): Promise<string> {
  const scriptPath = join(crashes, "timesheet", "timesheet.py");
  const recipe = { scriptPath, package: "demo-timesheet 1.0-1", release: demoRelease };
  return await pythonReport(recipe, join(crashes, "timesheet.crash"));
}

/** (e) A core that was cut off, as on a full disk. */
async function cutOffReport(workers: PackagedProgram, crashes: string): Promise<string> {
  const whole = await crashProgram(workers, crashes);
  const half = Math.floor((await stat(whole)).size / 2);
  const core = await cutCore(whole, half, join(crashes, "cut.core"));
  return await makeReport({ ...reportOf(workers), core }, join(crashes, "cut-off.crash"));
}

function reportOf(workers: PackagedProgram) {
  const { name, version, installedPath } = workers.recipe;
  return { executablePath: installedPath, package: `${name} ${version}`, release: demoRelease };
}
