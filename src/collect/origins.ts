import { run, succeeded } from "../system/process.ts";

const deadlineMs = 120_000;

/** `[origin: …]` of packages that are not the distribution's, by name; null when apt does not tell anything. */
export type Origins = ReadonlyMap<string, string> | null;

/**
 * Asks apt where packages came from.
 *
 * @param own names under which the distribution's own archives go, in lower case.
 */
export async function originsOf(
  packages: readonly string[],
  own: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Origins> {
  const options = { deadlineMs, signal };
  const [archives, versions] = await Promise.all([
    run(["apt-cache", "policy"], options),
    run(["apt-cache", "policy", "--", ...packages], options),
  ]);
  signal.throwIfAborted();
  if (!succeeded(archives) || !succeeded(versions)) return null;
  return readOrigins(archives.stdout.toString("utf8"), versions.stdout.toString("utf8"), own);
}

/**
 * Reads both answers of `apt-cache policy`. A package of which the distribution's archive lists any version is the
 * distribution's (the installed version is often gone from the archive when the next one came). Of the others
 * the origin is that of an archive which lists it, or `unknown` when none does.
 */
export function readOrigins(archives: string, versions: string, own: ReadonlySet<string>): Origins {
  const origins = originsBySource(archives);
  const isOwn = (origin: string): boolean => own.has(origin.toLowerCase());
  // Before the first apt-get update everything would look like somebody else's.
  if (![...origins.values()].some(isOwn)) return null;
  const found = new Map<string, string>();
  for (const { name, sources } of listedPackages(versions)) {
    const candidates = sources.map((source) => origins.get(source)).filter((origin) => origin !== undefined);
    if (!candidates.some(isOwn)) found.set(name, inBrackets(candidates[0] ?? "unknown"));
  }
  return found;
}

// ` 500 http://archive.example/debian bookworm/main amd64 Packages`, and below it `     release v=12,o=Debian,…`.
function originsBySource(archives: string): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  let source: string | null = null;
  for (const line of archives.split("\n")) {
    source = sourceIn(line) ?? source;
    const origin = /^ {5}release (?:.*,)?o=([^,]+)/.exec(line)?.[1];
    if (source !== null && origin !== undefined) origins.set(source, origin);
  }
  return origins;
}

type ListedPackage = { readonly name: string; readonly sources: string[] };

// `bash:`, then `  Version table:`, ` *** 5.2.15-2 500` and `        500 http://… Packages` for each place that has it.
function listedPackages(versions: string): readonly ListedPackage[] {
  const packages: ListedPackage[] = [];
  for (const line of versions.split("\n")) {
    const name = /^([a-z0-9][^:\s]*)(?::\S+)?:$/.exec(line)?.[1];
    if (name !== undefined) packages.push({ name, sources: [] });
    const source = sourceIn(line);
    if (source !== null) packages.at(-1)?.sources.push(source);
  }
  return packages;
}

/** What stands behind the priority: the archive's address, suite and list. */
function sourceIn(line: string): string | null {
  return /^ +-?\d+ (\S*[/:]\S*(?: .*)?)$/.exec(line)?.[1] ?? null;
}

function inBrackets(origin: string): string {
  return origin.replace(/[[\]\s]+/g, " ").trim();
}
