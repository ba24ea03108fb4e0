import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type MakeCoreOptions, makeCore } from "./make-core.ts";
import type { PackagedProgram } from "./program.ts";

export type CrashOptions = Omit<MakeCoreOptions, "crashesByItself"> & {
  readonly arguments?: readonly string[];
  /** Libraries that have to be at their places too. */
  readonly libraries?: readonly PackagedProgram[];
};

/**
 * Installs what a packaged program ships at its path, runs it until it crashes, and takes it away again:
 * whoever retraces the core finds nothing on this machine and has to ask the archive. Not to be called
 * twice at once for one path.
 *
 * @param folder an existing folder of the caller's, who removes it.
 * @returns the path of the core.
 */
export async function crashProgram(
  program: PackagedProgram,
  folder: string,
  options: CrashOptions = {},
): Promise<string> {
  const { arguments: args = [], libraries = [], ...rest } = options;
  const installed = [program, ...libraries];
  for (const each of installed) await install(each);
  try {
    return await makeCore([program.recipe.installedPath, ...args], folder, { ...rest, crashesByItself: true });
  } finally {
    for (const each of installed) await rm(each.recipe.installedPath, { force: true });
  }
}

async function install(program: PackagedProgram): Promise<void> {
  await mkdir(dirname(program.recipe.installedPath), { recursive: true });
  await copyFile(program.split.stripped, program.recipe.installedPath);
}
