import { type CrashOptions, crashProgram } from "./crash-program.ts";
import type { Lab } from "./lab.ts";
import type { PackagedProgram } from "./program.ts";
import { makeReport } from "./report.ts";

/** Crashes a program of the lab and makes the report of it. @returns the report's path, in the lab's folder. */
export async function crashReport(lab: Lab, program: PackagedProgram, options: CrashOptions = {}): Promise<string> {
  const core = await crashProgram(program, lab.folder, options);
  const { installedPath, name, version } = program.recipe;
  const recipe = { core, executablePath: installedPath, package: `${name} ${version}`, release: lab.release };
  return await makeReport(recipe, `${core}.crash`);
}
