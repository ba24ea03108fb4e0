import { copyFile, truncate } from "node:fs/promises";
import { asctime } from "../../src/collect/asctime.ts";
import { fieldsOfCore } from "../../src/collect/core-fields.ts";
import { uname } from "../../src/collect/machine.ts";
import { openByteReader } from "../../src/core/byte-reader.ts";
import { readCore } from "../../src/core/read-core.ts";
import type { Core } from "../../src/core/types.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { nativeArchitecture } from "./architecture.ts";

export type ReportRecipe = {
  /** Path of the raw core, which is read for Signal, ProcMaps and so on. */
  readonly core: string;
  /** Another file to be the CoreDump; the core itself unless told. */
  readonly attachedCore?: string;
  readonly executablePath: string;
  /** `name version`. */
  readonly package: string;
  /** Lines of `name version`. */
  readonly dependencies?: string;
  /** DistroRelease, e.g. `Lab 1`. */
  readonly release: string;
  /** This machine's unless told. */
  readonly architecture?: string;
  /** Those of the core unless told. */
  readonly procMaps?: string;
  readonly date?: Date;
  /** Further fields, or other values for those above; null leaves a field out. */
  readonly fields?: Readonly<Record<string, string | null>>;
};

/**
 * Writes the report that Apport would have written when the program of the core crashed.
 *
 * @returns the output path.
 */
export async function makeReport(recipe: ReportRecipe, outputPath: string): Promise<string> {
  const core = coreAt(recipe.core);
  const architecture = recipe.architecture ?? (await nativeArchitecture());
  const fields = {
    ...commonFields(recipe, architecture),
    ...(recipe.dependencies === undefined ? {} : { Dependencies: recipe.dependencies }),
    ...fieldsOfCore(core),
    ...(recipe.procMaps === undefined ? {} : { ProcMaps: recipe.procMaps }),
    ...recipe.fields,
  };
  return writeFields(fields, new Map([["CoreDump", { path: recipe.attachedCore ?? recipe.core }]]), outputPath);
}

/** Writes a report with these fields; null leaves a field out. @throws Error when the format cannot express it. */
export async function writeFields(
  fields: Readonly<Record<string, string | null>>,
  binaries: ReadonlyMap<string, { readonly path: string }>,
  outputPath: string,
): Promise<string> {
  const texts = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
  const result = await writeReport(outputPath, { fields: new Map(texts), binaries });
  if (!result.ok) throw new Error(`${outputPath}: ${result.fault.message}`);
  return outputPath;
}

/** What every report has, with or without a core. */
export function commonFields(
  recipe: Pick<ReportRecipe, "date" | "executablePath" | "package" | "release">,
  architecture: string,
): Readonly<Record<string, string>> {
  return {
    ProblemType: "Crash",
    Architecture: architecture,
    Date: asctime(recipe.date ?? new Date()),
    DistroRelease: recipe.release,
    ExecutablePath: recipe.executablePath,
    Package: recipe.package,
    ProcCwd: "/",
    ProcEnviron: "LANG=C.UTF-8\nPATH=(custom, no user)",
    SourcePackage: recipe.package.split(" ", 1)[0] ?? "",
    Uname: uname(),
    UserGroups: "N/A",
  };
}

/** A copy of a core that ends after so many bytes, as on a full disk. @returns the output path. */
export async function cutCore(core: string, keptBytes: number, outputPath: string): Promise<string> {
  await copyFile(core, outputPath);
  await truncate(outputPath, keptBytes);
  return outputPath;
}

function coreAt(path: string): Core {
  const reader = openByteReader(path);
  try {
    const result = readCore(reader);
    if (!result.ok) throw new Error(`${path}: ${result.fault.message}`);
    return result.core;
  } finally {
    reader.close();
  }
}
