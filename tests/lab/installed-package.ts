import { readFile } from "node:fs/promises";
import { tool } from "./tool.ts";

/** A package of this machine. */
export type InstalledPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
};

/** A bound on the walk through dependencies; no package of Debian's needs near as many. */
const maxDependencies = 5_000;

const format =
  "$" +
  ["{Package}", "{Version}", "{Architecture}", "{source:Package}", "{Pre-Depends}", "{Depends}", "{Provides}"].join(
    "\\t$",
  ) +
  "\\n";

/**
 * The installed package that ships a file, null when none does.
 *
 * On a machine with merged /usr dpkg knows a file by the path that its package was built with, `/bin/sleep`
 * or `/usr/bin/sleep`; both are tried.
 */
export async function installedPackage(path: string): Promise<InstalledPackage | null> {
  for (const spelling of [path, otherSpelling(path)]) {
    const name = await ownerOf(spelling);
    if (name !== null) return (await readInstalled()).get(name)?.package ?? null;
  }
  return null;
}

/**
 * What a package needs to run, with the installed versions, as the Dependencies field of a report has it:
 * `name version` a line, by name, without the package itself.
 */
export async function dependenciesOf(name: string): Promise<string> {
  const installed = await readInstalled();
  const found = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined && found.size < maxDependencies; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(installed.get(next)?.needs ?? []));
  }
  found.delete(name);
  const lines = [...found].sort().map((each) => `${each} ${installed.get(each)?.package.version}`);
  return lines.join("\n");
}

/** This machine's DistroRelease as reports name it: `Debian 12`, `Ubuntu 24.04`. */
export async function systemRelease(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8");
  const setting = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  return `${setting("NAME").replace(" GNU/Linux", "")} ${setting("VERSION_ID")}`.trim();
}

function otherSpelling(path: string): string {
  return path.startsWith("/usr/") ? path.slice("/usr".length) : `/usr${path}`;
}

// dpkg -S takes patterns, and ends with 1 when nothing matches. Lines about diversions name no owner.
async function ownerOf(path: string): Promise<string | null> {
  const pattern = path.replace(/[\\*?[]/g, "\\$&");
  const answer = await tool(["dpkg-query", "--search", pattern]).catch(() => Buffer.alloc(0));
  const lines = answer.toString("utf8").split("\n");
  const owner = lines.find((line) => line.endsWith(`: ${path}`) && !line.startsWith("diversion by "));
  return owner?.split(/[:,]/, 1)[0] ?? null;
}

type Entry = { readonly package: InstalledPackage; readonly needs: readonly string[] };

async function readInstalled(): Promise<ReadonlyMap<string, Entry>> {
  const listing = (await tool(["dpkg-query", "--show", `--showformat=${format}`])).toString("utf8");
  const rows = listing
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  const providers = providersOf(rows);
  return new Map(
    rows.map(([name = "", version = "", architecture = "", source = "", preDepends = "", depends = ""]) => [
      name,
      { package: { name, version, architecture, source }, needs: namesIn(`${preDepends}, ${depends}`, providers) },
    ]),
  );
}

// A virtual package is as good as installed when one that provides it is.
function providersOf(rows: readonly string[][]): ReadonlyMap<string, string> {
  const providers = new Map<string, string>();
  for (const row of rows) for (const virtual of relations(row[6] ?? "")) providers.set(virtual, row[0] ?? "");
  for (const [name = "", version] of rows) if (version !== "") providers.set(name, name);
  return providers;
}

/** Of each group of alternatives the first that is installed. */
function namesIn(text: string, providers: ReadonlyMap<string, string>): string[] {
  const groups = text.split(",").map((group) => relations(group.replaceAll("|", ",")));
  return groups
    .map((group) => group.map((name) => providers.get(name)).find((name) => name !== undefined))
    .filter((name) => name !== undefined);
}

/** Names in a list of relations: `libc6:any (>= 2.34), libfoo` gives `libc6`, `libfoo`. */
function relations(text: string): string[] {
  return text
    .split(",")
    .map((relation) => relation.trim().split(/[\s:(]/, 1)[0] ?? "")
    .filter((name) => name !== "");
}
