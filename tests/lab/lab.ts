import { join } from "node:path";
import { nativeArchitecture } from "./architecture.ts";
import { addPackages, createArchive, publish } from "./archive.ts";
import type { Archive } from "./archive-layout.ts";
import { type PackagedProgram, packageProgram } from "./program.ts";
import { type LabServer, startServer } from "./server.ts";
import { writeReleaseFolder } from "./sources.ts";
import { temporaryFolder } from "./temporary.ts";

/** A small world: programs that crash, in packages, in a signed archive, behind a server. */
export type Lab = AsyncDisposable & {
  /** For whatever a test makes; removed with the lab. */
  readonly folder: string;
  readonly archive: Archive;
  readonly server: LabServer;
  /** Apport-style configuration folder with the one release. */
  readonly configFolder: string;
  /** DistroRelease of its reports. */
  readonly release: string;
  readonly architecture: string;
  readonly programs: LabPrograms;
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

/** Makes the world. Takes about two seconds; make one for a test file, not for a test. */
export async function createLab(): Promise<Lab> {
  const temporary = await temporaryFolder("lab");
  const folder = temporary.path;
  const architecture = await nativeArchitecture();
  const programs = await packagePrograms(folder);
  const archive = await createArchive(join(folder, "archive"), {
    suite: "lab",
    codename: "lab",
    architectures: [architecture],
  });
  const { newerFoo: _, ...published } = programs;
  await addPackages(
    archive,
    Object.values(published).flatMap((each) => [each.package, each.debugPackage]),
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
async function packagePrograms(folder: string): Promise<LabPrograms> {
  const bin = (name: string): string => join(folder, "opt", "lab", "bin", name);
  const lib = join(folder, "opt", "lab", "lib", "libfoo.so.1");
  const foo = { name: "libfoo1", sources: ["foo.c"], installedPath: lib } as const;
  const library = (version: number): string[] => [
    "-shared",
    "-fPIC",
    "-Wl,-soname,libfoo.so.1",
    `-DFOO_VERSION=${version}`,
  ];
  const program = (name: string, flags: readonly string[] = []): Promise<PackagedProgram> =>
    packageProgram({ name, version: "1.0-1", sources: [`${name}.c`], flags, installedPath: bin(name) }, folder);
  return {
    workers: await program("workers", ["-lpthread"]),
    asserts: await program("asserts"),
    inlined: await program("inlined", ["-O2"]),
    plugin: await program("plugin", ["-ldl"]),
    foo: await packageProgram({ ...foo, version: "1.0-1", flags: library(1) }, folder),
    newerFoo: await packageProgram({ ...foo, version: "2.0-1", flags: library(2) }, folder),
  };
}
