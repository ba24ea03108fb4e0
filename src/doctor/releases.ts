import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireAptSuccess } from "../symbols/archive/apt-failure.ts";
import { type AptRoot, openAptRoot } from "../symbols/archive/apt-root.ts";
import { findRelease, type Releases } from "../symbols/archive/releases.ts";
import { updateLists } from "../symbols/archive/update.ts";
import { silentLog } from "../system/log.ts";
import { run } from "../system/process.ts";
import { ok, problem } from "./answers.ts";
import type { Answer, Check } from "./types.ts";

export type ReleaseOptions = {
  readonly releases: Releases;
  readonly architecture: string;
  /** Whether the archives themselves are asked: a whole `apt-get update`. */
  readonly online: boolean;
  /** Deadline of one update, milliseconds. */
  readonly timeoutMs: number;
};

const maxReleases = 200;

/** A check for each release that is configured, one for each further architecture with sources of its own. */
export async function releaseChecks(options: ReleaseOptions): Promise<readonly Check[]> {
  if (options.releases.kind === "system") {
    return [{ name: "release of this machine", look: () => checkRelease(null, options) }];
  }
  const { path } = options.releases;
  const names = await foldersIn(path);
  if (names === null || names.length === 0) return [{ name: "releases", look: () => noReleases(path, names) }];
  const checks: Check[] = [];
  for (const name of names.slice(0, maxReleases)) {
    checks.push({ name: `release ${name}`, look: () => checkRelease(name, options) });
    for (const architecture of await furtherArchitectures(join(path, name), options.architecture)) {
      const look = (): Promise<Answer> => checkRelease(name, { ...options, architecture });
      checks.push({ name: `release ${name}, ${architecture}`, look });
    }
  }
  return checks;
}

/** Folders such as `arm64` in a release's folder: sources for that architecture alone. */
async function furtherArchitectures(path: string, native: string): Promise<readonly string[]> {
  const names = (await foldersIn(path)) ?? [];
  return names.filter((name) => /^[a-z0-9][a-z0-9-]{1,31}$/.test(name) && name !== native).slice(0, maxReleases);
}

/**
 * Whether apt understands a release's sources, and with `online` whether it can fetch and trust their lists. Works in
 * a private apt root that is removed again, so that nothing in the cache comes to belong to whoever asks.
 *
 * @param release null for this machine's own sources.
 * @throws ServiceFailure with apt's own words.
 */
async function checkRelease(release: string | null, options: ReleaseOptions): Promise<Answer> {
  const { signal } = new AbortController();
  const lookup = await findRelease(options.releases, release, options.architecture);
  if (lookup.kind === "not-configured") return problem(lookup.reason, layoutRemedy);
  const folder = await mkdtemp(join(tmpdir(), "crash-digger-doctor-"));
  try {
    const root = await openAptRoot(folder, lookup.sources, signal);
    const sources = await sourcesOf(root);
    if (sources === 0) return problem(`${root.title} name no archive`, layoutRemedy);
    const found = `${sources} package ${sources === 1 ? "source" : "sources"} for ${options.architecture}`;
    if (!options.online) return ok(`${found}; --online asks them`);
    await updateLists(root, "packages", { timeoutMs: options.timeoutMs, log: silentLog }, signal);
    return ok(`${found}, package lists fetched`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const layoutRemedy =
  "A release has a folder named exactly as DistroRelease in the reports, with sources.list or sources.list.d in it (docs/operations.md).";

// Prints what an update would fetch, and fetches nothing: one line for the InRelease file of each source.
async function sourcesOf(root: AptRoot): Promise<number> {
  const command: [string, ...string[]] = ["apt-get", "--print-uris", "update"];
  const result = await run(command, { deadlineMs: 60_000, env: root.environment });
  requireAptSuccess(`apt-get --print-uris update for ${root.title}`, result, "Mend the sources that apt names.");
  const lines = result.stdout.toString("utf8").split("\n");
  return lines.filter((line) => /^'[^']*\/InRelease' /.test(line)).length;
}

async function foldersIn(path: string): Promise<readonly string[] | null> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => null);
  return (
    entries
      ?.filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort() ?? null
  );
}

function noReleases(path: string, names: readonly string[] | null): Answer {
  const found = names === null ? `the folder ${path} cannot be read` : `the folder ${path} has no release in it`;
  return problem(`${found}: nothing can be fetched for any report`, layoutRemedy);
}
