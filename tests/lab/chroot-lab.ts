import { join } from "node:path";
import { addPackages, createArchive, publish } from "./archive.ts";
import { createLab, type Lab } from "./lab.ts";
import { startServer } from "./server.ts";
import { writeReleaseFolder } from "./sources.ts";
import { labTool, packageTinyRelease, type Scripts } from "./tiny-release.ts";

/** The lab's world with a release of which chroots can be made. */
export type ChrootLab = Lab & {
  /** Uploads another version of `lab-tool`, which every chroot has; the archive is published with it. */
  upload(version: string, scripts?: Scripts, files?: ReadonlyMap<string, string>): Promise<void>;
};

/** The lines of a configuration that retrace the lab's release in its chroot. */
export const inChroot = '[release."Lab 1"]\nenvironment = "chroot"\n';

/**
 * Makes the world. Its system is in an archive of its own, which is published once: its gdb is large, and each publication
 * reads every package.
 */
export async function createChrootLab(): Promise<ChrootLab> {
  const lab = await createLab();
  const { architectures, suite, codename } = lab.archive.options;
  const tiny = await packageTinyRelease(lab.folder);
  const options = { suite, codename, architectures, contents: "none", compressions: ["gz"] } as const;
  const base = await createArchive(join(lab.folder, "base-archive"), options);
  await addPackages(base, tiny.base);
  await publish(base);
  const server = await startServer(base.folder);
  const sources = [
    { archive: lab.archive, uri: lab.server.url },
    { archive: base, uri: server.url },
  ];
  await writeReleaseFolder(lab.configFolder, { release: lab.release, codename, sources });
  await addPackages(lab.archive, [tiny.tool]);
  await publish(lab.archive);
  return {
    ...lab,
    upload: async (version, scripts, files) => {
      await addPackages(lab.archive, [await labTool(version, lab.folder, scripts, files)]);
      await publish(lab.archive);
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await lab[Symbol.asyncDispose]();
    },
  };
}
