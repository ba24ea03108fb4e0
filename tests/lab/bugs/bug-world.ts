import { mkdir, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { nativeArchitecture } from "../architecture.ts";
import { addPackages, createArchive, publish } from "../archive.ts";
import type { CommandLab } from "../command.ts";
import { crashProgram } from "../crash-program.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import { type PackagedProgram, packageProgram } from "../program.ts";
import { cutCore } from "../report.ts";
import { writeReleaseFolder } from "../sources.ts";
import { temporaryFolder } from "../temporary.ts";
import { oursRelease, packages } from "./bug-recipe.ts";

/** What a batch runs with: a configuration, and a state of its own. */
export type Desk = Pick<CommandLab, "configFile" | "stateFolder" | "cacheFolder" | "lockPath">;

/** A program that crashes in many places, its archive, and a cache that all desks share. */
export type BugWorld = AsyncDisposable & {
  readonly folder: string;
  readonly architecture: string;
  readonly executablePath: string;
  /** A core of the program, compressed: of the same place and run always the same. */
  core(place: number, run?: number): Promise<Buffer>;
  /** The first half of one, compressed. */
  halfCore(place: number): Promise<Buffer>;
  /** A new desk for the bugs of this Launchpad. */
  desk(launchpad: LaunchpadLab): Promise<Desk>;
};

/** Makes the world; a second or two. */
export async function createBugWorld(): Promise<BugWorld> {
  const temporary = await temporaryFolder("bugs");
  const { path: folder } = temporary;
  const architecture = await nativeArchitecture();
  const executablePath = join(folder, "opt", "places");
  const recipe = { name: packages.program, version: "1.0-1", sources: ["places.c"] } as const;
  const program = await packageProgram({ ...recipe, installedPath: executablePath }, folder);
  const releases = await publishFor(program, folder, architecture);
  const cacheFolder = join(folder, "cache");
  await mkdir(cacheFolder);
  const cores = coresOf(program, folder);
  return {
    folder,
    architecture,
    executablePath,
    core: async (place, run = 0) => gzipSync(await readFile(await cores(place, run)), { level: 1 }),
    halfCore: async (place) => gzipSync(await readFile(await halfOf(await cores(place, 0))), { level: 1 }),
    desk: (launchpad) => makeDesk(folder, releases, cacheFolder, launchpad),
    [Symbol.asyncDispose]: temporary.remove,
  };
}

async function publishFor(program: PackagedProgram, folder: string, architecture: string): Promise<string> {
  const options = { suite: "lab", codename: "lab", architectures: [architecture], key: null };
  const archive = await createArchive(join(folder, "archive"), options);
  await addPackages(archive, [program.package, program.debugPackage]);
  await publish(archive);
  const releases = join(folder, "releases");
  for (const release of [oursRelease, "Lab 1"]) {
    const sources = [{ archive, uri: `file:${archive.folder}` }];
    await writeReleaseFolder(releases, { release, codename: "lab", sources });
  }
  return releases;
}

function coresOf(program: PackagedProgram, folder: string): (place: number, run: number) => Promise<string> {
  const made = new Map<string, string>();
  return async (place, run) => {
    const name = `${place} ${run}`;
    const core = made.get(name) ?? (await crashProgram(program, folder, { arguments: [String(place), String(run)] }));
    made.set(name, core);
    return core;
  };
}

async function halfOf(core: string): Promise<string> {
  return await cutCore(core, Math.floor((await stat(core)).size / 2), `${core}.half`);
}

async function makeDesk(folder: string, releases: string, cacheFolder: string, launchpad: LaunchpadLab): Promise<Desk> {
  const own = await mkdtemp(join(folder, "desk-"));
  const stateFolder = join(own, "state");
  await mkdir(stateFolder);
  const credentials = join(own, "credentials");
  await writeFile(credentials, launchpad.credentials(), { mode: 0o600 });
  const configFile = join(own, "config.toml");
  await writeFile(configFile, settings({ stateFolder, cacheFolder, releases, credentials, api: launchpad.webUrl }));
  return { configFile, stateFolder, cacheFolder, lockPath: join(stateFolder, "batch.lock") };
}

type Places = Readonly<Record<"stateFolder" | "cacheFolder" | "releases" | "credentials" | "api", string>>;

function settings({ stateFolder, cacheFolder, releases, credentials, api }: Places): string {
  return `state_dir = "${stateFolder}"
cache_dir = "${cacheFolder}"
releases = "${releases}"

[tracker]
type = "launchpad"
distribution = "ubuntu"
api = "${api}"
credentials = "${credentials}"

[batch]
jobs = 2

[symbols]
source_lines = false

[triage]
escalation_tag = "often-reported"
escalation_team = "apport-hackers"
escalation_from = 2
`;
}
