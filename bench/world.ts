import { deepEqual } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { openState } from "../src/digger/state.ts";
import { openLocalTracker } from "../src/tracker/local/local-tracker.ts";
import { nativeArchitecture } from "../tests/lab/architecture.ts";
import { addPackages, createArchive, publish } from "../tests/lab/archive.ts";
import { crashProgram } from "../tests/lab/crash-program.ts";
import { type PackagedProgram, packageProgram } from "../tests/lab/program.ts";
import { makeReport } from "../tests/lab/report.ts";
import { writeReleaseFolder } from "../tests/lab/sources.ts";

const release = "Bench 1";

/** A configuration with a tracker and an archive that has the bench's own program, in a folder. */
export type World = {
  readonly configFile: string;
  readonly trackerFolder: string;
  /** A report of the program's crash number N (10 to 99). */
  report(crash: number, fields?: Readonly<Record<string, string>>): Promise<string>;
  /** Files reports; resolves when all are in. */
  submit(reports: readonly string[]): Promise<void>;
  /** Takes the pending mark off a crash. */
  settle(id: number): Promise<void>;
  /** Throws unless the batches up to now have come to exactly these verdicts: what was measured is what the row says. */
  requireVerdicts(expected: Readonly<Record<string, number>>): Promise<void>;
};

export async function createWorld(folder: string): Promise<World> {
  const architecture = await nativeArchitecture();
  const program = await packageMany(folder);
  const archive = await createArchive(join(folder, "archive"), {
    suite: "bench",
    codename: "bench",
    architectures: [architecture],
  });
  await addPackages(archive, [program.package, program.debugPackage]);
  await publish(archive);
  const releases = join(folder, "releases");
  await writeReleaseFolder(releases, {
    release,
    codename: "bench",
    sources: [{ archive, uri: `file:${archive.folder}` }],
  });
  const stateFolder = join(folder, "state");
  const trackerFolder = join(stateFolder, "tracker");
  const configFile = join(folder, "config.toml");
  const config = { state_dir: stateFolder, cache_dir: join(folder, "cache"), releases };
  await writeFile(configFile, `${stringify(config)}\n`);
  await mkdir(join(folder, "reports"));
  return {
    configFile,
    trackerFolder,
    report: (crash, fields = {}) => reportOf(program, crash, fields, folder),
    submit: (reports) => submit(reports, trackerFolder, architecture),
    settle: (id) => settle(id, trackerFolder, architecture),
    requireVerdicts: (expected) => requireVerdicts(join(stateFolder, "state.db"), expected),
  };
}

function packageMany(folder: string): Promise<PackagedProgram> {
  return packageProgram(
    {
      name: "bench-many",
      version: "1.0-1",
      sources: [join(import.meta.dirname, "programs", "many.c")],
      installedPath: join(folder, "usr", "bin", "many"),
    },
    folder,
  );
}

async function reportOf(
  program: PackagedProgram,
  crash: number,
  fields: Readonly<Record<string, string>>,
  folder: string,
): Promise<string> {
  const core = await crashProgram(program, folder, { arguments: [String(crash)] });
  const { installedPath, name, version } = program.recipe;
  return await makeReport(
    { core, executablePath: installedPath, package: `${name} ${version}`, release, fields },
    join(folder, "reports", `${crash}.crash`),
  );
}

async function submit(reports: readonly string[], trackerFolder: string, hostArchitecture: string): Promise<void> {
  const tracker = await openLocalTracker(trackerFolder);
  for (const report of reports) {
    const result = await tracker.submit(report, { hostArchitecture });
    if (result.kind === "refused") throw new Error(`${report}: ${result.fault.message}`);
  }
  await tracker.close();
}

async function settle(id: number, trackerFolder: string, architecture: string): Promise<void> {
  const tracker = await openLocalTracker(trackerFolder);
  const mark = { kind: "retrace", architecture } as const;
  const outcome = await tracker.apply(id, { kind: "remove-pending", mark }, { maybeDone: false, next: [] });
  await tracker.close();
  if (outcome.kind !== "done") throw new Error(`crash ${id} was not pending`);
}

async function requireVerdicts(statePath: string, expected: Readonly<Record<string, number>>): Promise<void> {
  const state = await openState(statePath);
  const found = Object.fromEntries(await state.countVerdicts());
  await state.close();
  deepEqual(found, expected);
}
