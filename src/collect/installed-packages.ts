import { pathSpellings } from "../symbols/module-path.ts";
import { askDpkg } from "./ask-dpkg.ts";
import { closureOf, neededBy } from "./relations.ts";

/** A package of this machine. */
export type InstalledPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
};

/** What dpkg knows of this machine at one moment. */
export type InstalledPackages = {
  get(name: string): InstalledPackage | null;
  /** What a package needs to run, directly or not; by name, without the package itself. */
  dependenciesOf(name: string): readonly InstalledPackage[];
};

const columns = [
  "db:Status-Status",
  "Package",
  "Version",
  "Architecture",
  "source:Package",
  "Pre-Depends",
  "Depends",
  "Provides",
];
const format = `${columns.map((column) => `\${${column}}`).join("\\t")}\\n`;

/** Reads dpkg's list of installed packages. @throws ServiceFailure */
export async function readInstalledPackages(signal: AbortSignal): Promise<InstalledPackages> {
  return installedPackagesIn(await askDpkg(["dpkg-query", "--show", `--showformat=${format}`], signal));
}

/** Reads dpkg's answer: a line for each package that it knows, the columns divided by tabs. */
export function installedPackagesIn(listing: string): InstalledPackages {
  const rows = listing
    .split("\n")
    .map((line) => line.split("\t"))
    // What was removed and left its configuration behind is listed too, as `config-files`.
    .filter(([status]) => status === "installed");
  const packages = new Map(
    rows.map(([, name = "", version = "", architecture = "", source = ""]) => {
      return [name, { name, version, architecture, source }];
    }),
  );
  const needs = neededBy(
    rows.map(([, name = "", , , , preDepends = "", depends = "", provides = ""]) => {
      return { name, depends: `${preDepends}, ${depends}`, provides };
    }),
  );
  const get = (name: string): InstalledPackage | null => packages.get(name) ?? null;
  return {
    get,
    dependenciesOf: (name) =>
      closureOf(name, needs)
        .map(get)
        .filter((each) => each !== null),
  };
}

/**
 * Name of the installed package that ships a file, null when none does.
 *
 * On a machine with merged /usr dpkg knows a file by the path that its package was built with, `/bin/sleep` or
 * `/usr/bin/sleep`; both are tried.
 *
 * @param path hostile: what is no plain absolute path belongs to nobody.
 */
export async function ownerOf(path: string, signal: AbortSignal): Promise<string | null> {
  for (const spelling of pathSpellings(path)) {
    // dpkg -S takes patterns, and ends with 1 when nothing matches.
    const pattern = spelling.replace(/[\\*?[]/g, "\\$&");
    const answer = await askDpkg(["dpkg-query", "--search", "--", pattern], signal, 1);
    const owner = ownerIn(answer, spelling);
    if (owner !== null) return owner;
  }
  return null;
}

/** `libc6:amd64, libc6:i386: /path` names two owners of one name. Lines about diversions name none. */
function ownerIn(answer: string, path: string): string | null {
  const line = answer.split("\n").find((each) => each.endsWith(`: ${path}`) && !each.startsWith("diversion by "));
  return line?.split(/[:,]/, 1)[0] ?? null;
}
