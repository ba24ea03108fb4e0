import { createHash } from "node:crypto";
import { fetchedLists } from "../symbols/archive/index-targets.ts";
import { openPackages } from "../symbols/archive/open-packages.ts";
import { packageIndex } from "../symbols/archive/package-index.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import { succeeded } from "../system/process.ts";
import { type ApplyOptions, applyPlan, brokenRemedy } from "./apply.ts";
import { bootstrap, requireMmdebstrap } from "./bootstrap.ts";
import { asServiceFailure, commandFailure } from "./failure.ts";
import {
  type ChrootRecord,
  type ChrootVersion,
  linkedVersion,
  newVersionFolder,
  rootOf,
  writeRecord,
} from "./layout.ts";
import { planUpgrade } from "./plan.ts";
import { runInside } from "./sandbox.ts";
import type { ChrootPlace } from "./types.ts";
import { copyTree, keepBroken, promote, removeTree } from "./versions.ts";

export type RenewServices = {
  readonly cache: SymbolCache;
  /** Deadline of one step: a download, an installation, a copy. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
};

/** What became of a system: it was made, upgraded, or is as new as the archive already. */
export type Renewed = { readonly version: ChrootVersion; readonly did: "made" | "upgraded" | "nothing" };

/**
 * Sees to it that a system is as new as the package lists that its release has now: makes it, upgrades it, or finds that
 * there is nothing to do. A new version is made beside the present one, which stays until the new one is whole. For
 * whoever has the turn.
 *
 * @throws ServiceFailure with the failing package's own words; what went wrong is kept and marked then.
 */
export async function renew(place: ChrootPlace, services: RenewServices, signal: AbortSignal): Promise<Renewed> {
  const lists = await listsDigest(place, signal);
  const current = await linkedVersion(place.folder, "current");
  const record = current?.record ?? null;
  if (current !== null && record?.lists === lists) return { version: current, did: "nothing" };
  requireMmdebstrap();
  // Packages that were fetched stay until they are installed.
  await using _held = await services.cache.hold();
  const database = await openPackages(place.release.root, signal);
  try {
    const options = { place, index: packageIndex(database), deadlineMs: services.timeoutMs, signal };
    return current === null || record === null
      ? await create(lists, options, services)
      : await upgrade(current, record, lists, options, services);
  } finally {
    await database.close();
  }
}

async function create(lists: string, options: ApplyOptions, services: RenewServices): Promise<Renewed> {
  const version = await making(lists, null, options, services, (made) => bootstrap(made, options));
  return { version, did: "made" };
}

async function upgrade(
  current: ChrootVersion,
  record: ChrootRecord,
  lists: string,
  options: ApplyOptions,
  services: RenewServices,
): Promise<Renewed> {
  const { place, deadlineMs, signal } = options;
  const root = rootOf(current.path);
  const plan = await planUpgrade({ root: place.release.root, system: root, deadlineMs, signal });
  if (plan.install.length + plan.remove.length === 0) {
    const checked = { ...record, lists, checkedAt: services.clock.now().toISOString() };
    await writeRecord(current.path, checked);
    return { version: { ...current, record: checked }, did: "nothing" };
  }
  const version = await making(lists, record, options, services, async (made) => {
    await copyTree(root, rootOf(made), deadlineMs, signal);
    const what = `The upgrade of the chroot of ${place.title}`;
    await applyPlan(what, plan, { kind: "folder", root: rootOf(made) }, options);
  });
  return { version, did: "upgraded" };
}

/** Makes a version aside, tries its gdb, and puts it into place; what fails is kept as broken. */
async function making(
  lists: string,
  before: ChrootRecord | null,
  options: ApplyOptions,
  { clock, log }: RenewServices,
  make: (folder: string) => Promise<void>,
): Promise<ChrootVersion> {
  const { place } = options;
  const startedAt = clock.monotonicMs();
  const made = await newVersionFolder(place.folder);
  try {
    await make(made);
    const gdb = await gdbVersion(made, options);
    const now = clock.now().toISOString();
    const { name: release, architecture } = place;
    const madeAt = before?.madeAt ?? now;
    const record: ChrootRecord = { format: 1, release, architecture, lists, madeAt, checkedAt: now, gdb, broken: null };
    const version = await promote(place.folder, made, record, clock.now());
    const durationMs = Math.round(clock.monotonicMs() - startedAt);
    log.event(before === null ? "chroot made" : "chroot upgraded", {
      chroot: place.title,
      version: version.id,
      durationMs,
    });
    return version;
  } catch (error) {
    if (options.signal.aborted) {
      await removeTree(made);
      throw error;
    }
    const failure = asServiceFailure(error, `The chroot of ${place.title} cannot be written`);
    await keepBroken(place, made, failure, clock.now());
    throw failure;
  }
}

// A gdb that does not start (its Python is broken, a library is missing) would be found by the first crash only.
async function gdbVersion(made: string, { place, deadlineMs, signal }: ApplyOptions): Promise<string> {
  const view = { kind: "folder", root: rootOf(made) } as const;
  const command = ["gdb", "-nx", "-nh", "-batch", "-ex", "python import json, time, resource", "-ex", "show version"];
  const { result, output } = await runInside(view, command, { deadlineMs, signal });
  const line = output.split("\n").find((each) => /^GNU gdb/.test(each));
  if (succeeded(result) && line !== undefined && !/Error/.test(output)) return line.slice(0, 200);
  throw commandFailure(`The gdb in the chroot of ${place.title}`, result, output, brokenRemedy);
}

/** Changes whenever the lists do that the release's private apt has. */
export async function listsDigest({ release }: ChrootPlace, signal: AbortSignal): Promise<string> {
  const lists = await fetchedLists(release.root, "packages", signal);
  return createHash("sha256")
    .update(lists.map(({ identity }) => identity).join("\n"))
    .digest("hex");
}
