import { ServiceFailure } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";
import { run } from "../../system/process.ts";
import { requireAptSuccess } from "./apt-failure.ts";
import type { AptRoot } from "./apt-root.ts";
import { lockedApt } from "./locked-apt.ts";

/**
 * Which lists an update fetches: `Packages` ones, or Contents or Sources ones (kept apart: they are large and seldom
 * asked).
 */
export type ListKind = "packages" | "contents" | "sources";

/**
 * The options that make apt work on one kind of list. Contents and Sources lists live in folders of their own: an
 * update without their target would clean them away as leftovers.
 */
export function listOptions(root: AptRoot, kind: ListKind): readonly string[] {
  if (kind === "packages") return [];
  const folder = kind === "contents" ? "contents-lists" : "source-lists";
  return [
    ...["-o", `Dir::State::lists=${root.folder}/${folder}/`],
    ...["-o", "Acquire::IndexTargets::deb::Packages::DefaultEnabled=false"],
    ...targetsOf[kind].flatMap((target) => ["-o", `Acquire::IndexTargets::${target}::DefaultEnabled=true`]),
    ...["-o", "Dir::Cache::pkgcache="],
    ...["-o", "Dir::Cache::srcpkgcache="],
  ];
}

const targetsOf = {
  contents: ["deb::Contents-deb", "deb::Contents-deb-whole"],
  sources: ["deb::Sources-deb", "deb-src::Sources"],
} as const;

/**
 * `apt-get update` in a private root, one process at a time (flock), any miss an error. The log says how long it took.
 *
 * @param options.timeoutMs its deadline
 * @throws ServiceFailure with apt's own words
 */
export async function updateLists(
  root: AptRoot,
  kind: ListKind,
  { timeoutMs: deadlineMs, log }: { readonly timeoutMs: number; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const seconds = Math.ceil(deadlineMs / 1000);
  const options = ["-q", "--error-on=any", ...listOptions(root, kind)];
  const result = await run(lockedApt(root, "exclusive", seconds, ["update", ...options]), {
    deadlineMs,
    env: root.environment,
    signal,
  });
  signal.throwIfAborted();
  if (result.exitCode === 75) {
    throw new ServiceFailure(`apt-get update for ${root.title} waited ${seconds} s for another process`, {
      remedy: `See which process holds ${root.lockFile}.`,
    });
  }
  requireAptSuccess(
    `apt-get update for ${root.title} (${root.architecture})`,
    result,
    "Mend the sources, the keys or the network (apt-get update with the same sources shows the same), then unlock.",
  );
  const durationMs = Math.round(performance.now() - startedAt);
  log.event("package lists updated", { root: root.folder, lists: kind, durationMs });
}
