import { type InstalledPackage, ownerOf, readInstalledPackages } from "./installed-packages.ts";
import { distributionNames } from "./machine-release.ts";
import { modifiedFiles } from "./modified-files.ts";
import { type Origins, originsOf } from "./origins.ts";
import type { Program } from "./program.ts";

export type PackageFields = {
  readonly fields: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
};

/** Package, SourcePackage, PackageArchitecture and Dependencies; none of them when no package ships the program. */
export async function packageFields(program: Program, signal: AbortSignal): Promise<PackageFields> {
  const name = await ownerOf(program.path, signal);
  const installed = name === null ? null : await readInstalledPackages(signal);
  const own = name === null ? null : (installed?.get(name) ?? null);
  if (own === null || installed === null) return { fields: {}, notes: [unpackaged(program.path)] };
  const dependencies = installed.dependenciesOf(own.name);
  const names = [own, ...dependencies].map((each) => each.name);
  const origins = await originsOf(names, await distributionNames(), signal);
  const modified = await modifiedFiles(own.name, signal);
  const files = modified.kind === "compared" ? modified.files : [];
  const lines = dependencies.map((each) => `${nameAndVersion(each)}${originMark(each, origins)}`);
  return {
    fields: {
      Package: `${program.replaced ? own.name : nameAndVersion(own)}${modifiedMark(files)}${originMark(own, origins)}`,
      PackageArchitecture: own.architecture,
      SourcePackage: own.source,
      ...(lines.length === 0 ? {} : { Dependencies: lines.join("\n") }),
    },
    notes: [
      ...(modified.kind === "unknown" ? [`${modified.reason}; changed files are not noted.`] : []),
      ...(origins === null ? [noOrigins] : []),
    ],
  };
}

function unpackaged(path: string): string {
  return `No installed package ships ${path}, so the report names none: it can be retraced by its build-ids alone.`;
}

const noOrigins = "apt knows no archive of the distribution (apt-get update), so no package is marked as third-party.";

function nameAndVersion({ name, version }: InstalledPackage): string {
  return `${name} ${version}`;
}

function modifiedMark(files: readonly string[]): string {
  return files.length === 0 ? "" : ` [modified: ${files.join(" ")}]`;
}

function originMark({ name }: InstalledPackage, origins: Origins): string {
  const origin = origins?.get(name);
  return origin === undefined ? "" : ` [origin: ${origin}]`;
}
