import { copyFile, mkdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../src/system/process.ts";
import { nativeArchitecture } from "./architecture.ts";
import { programsFolder } from "./build.ts";
import { commonFields, writeFields } from "./report.ts";

export type PythonReportRecipe = {
  /** Where the script is put and run; the report's ExecutablePath. */
  readonly scriptPath: string;
  /** A Python file that ends with an exception; the lab's own unless told. */
  readonly script?: string;
  /** `name version`. */
  readonly package: string;
  readonly release: string;
  readonly fields?: Readonly<Record<string, string | null>>;
};

/**
 * Runs a Python script that fails, and writes the report that Apport's hook would have written, with the
 * traceback that Python printed. @returns the output path.
 */
export async function pythonReport(recipe: PythonReportRecipe, outputPath: string): Promise<string> {
  await mkdir(dirname(recipe.scriptPath), { recursive: true });
  await copyFile(recipe.script ?? join(programsFolder, "timesheet.py"), recipe.scriptPath);
  const fields = {
    ...commonFields({ ...recipe, executablePath: recipe.scriptPath }, await nativeArchitecture()),
    InterpreterPath: await realpath("/usr/bin/python3"),
    ProcCmdline: `/usr/bin/python3 ${recipe.scriptPath}`,
    PythonArgs: JSON.stringify([recipe.scriptPath]).replaceAll('"', "'"),
    Traceback: await tracebackOf(recipe.scriptPath),
    ...recipe.fields,
  };
  return writeFields(fields, new Map(), outputPath);
}

async function tracebackOf(scriptPath: string): Promise<string> {
  const result = await run(["/usr/bin/python3", scriptPath], { deadlineMs: 60_000 });
  const start = result.stderr.indexOf("Traceback (most recent call last):");
  if (result.exitCode !== 1 || start === -1) throw new Error(`${scriptPath} printed no traceback: ${result.stderr}`);
  return result.stderr.slice(start).trimEnd();
}
