import { join } from "node:path";
import { nativeArchitecture } from "./architecture.ts";
import { addPackages, publish, unpublishedArchive } from "./archive.ts";
import type { Archive, ArchiveOptions } from "./archive-layout.ts";
import { type PackagedProgram, type ProgramRecipe, packageProgram } from "./program.ts";
import { type LabServer, startServer } from "./server.ts";
import { writeReleaseFolder } from "./sources.ts";
import { temporaryFolder } from "./temporary.ts";

/** A small world: programs that crash, in packages, in a signed archive, behind a server. */
export type Lab<More extends FurtherProgram = never> = AsyncDisposable & {
  /** For whatever a test makes; removed with the lab. */
  readonly folder: string;
  readonly archive: Archive;
  readonly server: LabServer;
  /** Apport-style configuration folder with the one release. */
  readonly configFolder: string;
  /** DistroRelease of its reports. */
  readonly release: string;
  readonly architecture: string;
  readonly programs: Pick<LabPrograms, "workers" | More>;
};

type LabPrograms = {
  /** Three threads, one crashes several functions deep. */
  readonly workers: PackagedProgram;
  /** SIGABRT with glibc's message. */
  readonly asserts: PackagedProgram;
  /** Inlined functions; optimised. */
  readonly inlined: PackagedProgram;
  /** Crashes in the library that its first argument names. */
  readonly plugin: PackagedProgram;
  readonly foo: PackagedProgram;
  /** The same file as foo in a newer version, not in the archive. */
  readonly newerFoo: PackagedProgram;
};

export type FurtherProgram = Exclude<keyof LabPrograms, "workers">;

/**
 * Makes the world, with an archive that is not signed. Takes seconds; make one for a test file, not for a test.
 *
 * @param further programs besides `workers`: each takes half a second more.
 */
export function createLab<More extends FurtherProgram = never>(...further: readonly More[]): Promise<Lab<More>> {
  return makeLab(further, { key: null });
}

/** The same with a signed archive: where it matters whom apt trusts. */
export function createSignedLab<More extends FurtherProgram = never>(...further: readonly More[]): Promise<Lab<More>> {
  return makeLab(further, {});
}

async function makeLab<More extends FurtherProgram>(
  further: readonly More[],
  signing: Pick<ArchiveOptions, "key">,
): Promise<Lab<More>> {
  const temporary = await temporaryFolder("lab");
  const folder = temporary.path;
  const architecture = await nativeArchitecture();
  const programs = await packagePrograms(["workers", ...further], folder);
  const archive = await unpublishedArchive(join(folder, "archive"), {
    suite: "lab",
    codename: "lab",
    architectures: [architecture],
    ...signing,
  });
  const published = Object.entries<PackagedProgram>(programs).filter(([name]) => name !== "newerFoo");
  await addPackages(
    archive,
    published.flatMap(([, each]) => [each.package, each.debugPackage]),
  );
  await publish(archive);
  const server = await startServer(archive.folder);
  const release = "Lab 1";
  const configFolder = join(folder, "config");
  await writeReleaseFolder(configFolder, { release, codename: "lab", sources: [{ archive, uri: server.url }] });
  const dispose = async (): Promise<void> => {
    await server.close();
    await temporary.remove();
  };
  return { folder, archive, server, configFolder, release, architecture, programs, [Symbol.asyncDispose]: dispose };
}

// The programs are installed below the lab's own folder, so that a test needs no right to write into /usr
// and no two labs meet.
async function packagePrograms<Name extends keyof LabPrograms>(
  names: readonly Name[],
  folder: string,
): Promise<Pick<LabPrograms, Name>> {
  const packaged = new Map<Name, PackagedProgram>();
  for (const name of names) packaged.set(name, await packageProgram(recipeOf(name, folder), folder));
  return Object.fromEntries(packaged) as Pick<LabPrograms, Name>;
}

function recipeOf(name: keyof LabPrograms, folder: string): ProgramRecipe {
  const installed = join(folder, "opt", "lab");
  if (name === "foo" || name === "newerFoo") {
    const [version, number] = name === "foo" ? ["1.0-1", 1] : ["2.0-1", 2];
    const flags = ["-shared", "-fPIC", "-Wl,-soname,libfoo.so.1", `-DFOO_VERSION=${number}`];
    const installedPath = join(installed, "lib", "libfoo.so.1");
    return { name: "libfoo1", version, sources: ["foo.c"], flags, installedPath };
  }
  const flags = { workers: ["-lpthread"], asserts: [], inlined: ["-O2"], plugin: ["-ldl"] }[name];
  return { name, version: "1.0-1", sources: [`${name}.c`], flags, installedPath: join(installed, "bin", name) };
}
