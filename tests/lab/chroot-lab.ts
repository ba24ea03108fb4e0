import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootName } from "../../src/symbols/archive/apt-root.ts";
import { findRelease } from "../../src/symbols/archive/releases.ts";
import { nativeArchitecture } from "./architecture.ts";
import { addPackages, createArchive, publish } from "./archive.ts";
import type { Archive } from "./archive-layout.ts";
import { type CommandLab, type CommandWorld, createCommandLab } from "./command.ts";
import { createSignedLab, type Lab } from "./lab.ts";
import { madeOnce } from "./made-once.ts";
import { type LabServer, startServer } from "./server.ts";
import { type PublishedArchive, writeReleaseFolder } from "./sources.ts";
import { temporaryFolder } from "./temporary.ts";
import { labTool, packageTinyRelease, type Scripts } from "./tiny-release.ts";
import { tool } from "./tool.ts";

/** Uploads another version of `lab-tool`, which every chroot has; its archive is published with it. */
type Upload = (version: string, scripts?: Scripts, files?: ReadonlyMap<string, string>) => Promise<void>;

/** A release of which chroots can be made, without any program that crashes. */
export type ChrootWorld = AsyncDisposable &
  CommandWorld & {
    readonly release: string;
    /** Serves what is uploaded. */
    readonly server: LabServer;
    readonly upload: Upload;
  };

/** The lab's world with such a release in the place of its own. */
export type ChrootLab = Lab & { readonly upload: Upload };

/** The lines of a configuration that retrace the lab's release in its chroot. */
export const inChroot = '[release."Lab 1"]\nenvironment = "chroot"\n';

const release = "Lab 1";
const names = { suite: "lab", codename: "lab", contents: "none", compressions: ["gz"] } as const;

/** Makes the small world. */
export async function createChrootWorld(): Promise<ChrootWorld> {
  const temporary = await temporaryFolder("chroots");
  const configFolder = join(temporary.path, "config");
  const added = await addChrootRelease(temporary.path, configFolder, []);
  return {
    folder: temporary.path,
    configFolder,
    release,
    architecture: await nativeArchitecture(),
    server: added.server,
    upload: added.upload,
    [Symbol.asyncDispose]: async () => {
      await added.close();
      await temporary.remove();
    },
  };
}

/** Makes the large one. */
export async function createChrootLab(): Promise<ChrootLab> {
  const lab = await createSignedLab();
  const own = { archive: lab.archive, uri: lab.server.url };
  const { upload, close } = await addChrootRelease(lab.folder, lab.configFolder, [own]);
  return {
    ...lab,
    upload,
    [Symbol.asyncDispose]: async () => {
      await close();
      await lab[Symbol.asyncDispose]();
    },
  };
}

// The system is in an archive that is published once for all: its gdb is large. What is uploaded has one of its own, since
// each publication reads every package.
async function addChrootRelease(folder: string, configFolder: string, further: readonly PublishedArchive[]) {
  const base = await baseArchive();
  const uploads = await createArchive(join(folder, "uploads"), {
    ...names,
    architectures: [await nativeArchitecture()],
  });
  const [baseServer, server] = [await startServer(base.folder), await startServer(uploads.folder)];
  const sources = [...further, { archive: base, uri: baseServer.url }, { archive: uploads, uri: server.url }];
  await writeReleaseFolder(configFolder, { release, codename: names.codename, sources });
  const upload: Upload = async (version, scripts, files) => {
    await addPackages(uploads, [await labTool(version, folder, scripts, files)]);
    await publish(uploads);
  };
  const close = async (): Promise<void> => {
    await Promise.all([baseServer.close(), server.close()]);
  };
  return { server, upload, close };
}

async function baseArchive(): Promise<Archive> {
  const made = await madeOnce("tiny-release", async (folder) => {
    const tiny = await packageTinyRelease(folder);
    const base = await createArchive(join(folder, "archive"), {
      ...names,
      architectures: [await nativeArchitecture()],
    });
    await addPackages(base, [...tiny.base, tiny.tool]);
    await publish(base);
    await writeFile(join(folder, "archive.json"), JSON.stringify(base));
    for (const done of ["trees", "debs"]) await rm(join(folder, done), { recursive: true });
  });
  return JSON.parse(await readFile(join(made, "archive.json"), "utf8")) as Archive;
}

/**
 * Gives a command the release's chroot, as `chroot create` makes it: it is made once a run, by that very command, and copied.
 * The next use of it compares it with the archive, as with every chroot.
 */
export async function plantChroot(command: CommandLab, world: CommandWorld): Promise<void> {
  const template = await madeOnce("chroot", makeTemplate);
  const found = await findRelease({ kind: "folder", path: world.configFolder }, release, world.architecture);
  if (found.kind !== "configured") throw new Error(found.reason);
  const chroots = join(command.cacheFolder, "chroots");
  await mkdir(chroots);
  await tool(["cp", "--archive", "--reflink=auto", join(template, "chroot"), join(chroots, rootName(found.sources))]);
}

async function makeTemplate(folder: string): Promise<void> {
  await using world = await createChrootWorld();
  const command = await createCommandLab(world, inChroot);
  const created = await command.crashDigger(["chroot", "create", release]);
  if (created.exitCode !== 0 || created.stderr !== "") throw new Error(`no chroot was made: ${created.stderr}`);
  const chroots = join(command.cacheFolder, "chroots");
  const [name = ""] = await readdir(chroots);
  await rename(join(chroots, name), join(folder, "chroot"));
}
