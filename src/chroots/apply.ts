import { join } from "node:path";
import type { ListedPackage, PackageIndex } from "../symbols/archive/package-index.ts";
import { ServiceFailure } from "../system/failure.ts";
import { succeeded } from "../system/process.ts";
import { commandFailure } from "./failure.ts";
import type { Plan, PlannedPackage } from "./plan.ts";
import { type InsideOptions, insidePackages, runInside } from "./sandbox.ts";
import type { ChrootPlace, SystemView } from "./types.ts";

export type ApplyOptions = {
  readonly place: ChrootPlace;
  readonly index: PackageIndex;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
};

/**
 * Fetches packages through the release's private apt, on this machine: the only step with a network.
 *
 * @returns each package's path as it is seen inside, in the given order.
 * @throws ServiceFailure when one cannot be had
 */
export async function fetchPlanned(
  planned: readonly PlannedPackage[],
  { place: { release }, index, signal }: ApplyOptions,
): Promise<readonly string[]> {
  const listed: ListedPackage[] = [];
  for (const each of planned) listed.push(await listedPackage(each, index));
  await release.packages.fetch(listed, signal);
  return listed.map(({ sha256 }) => join(insidePackages, `${sha256}.deb`));
}

async function listedPackage(planned: PlannedPackage, index: PackageIndex): Promise<ListedPackage> {
  const { name, version, architecture } = planned;
  const found = (await index.versionsOf(name)).find(
    (listed) => listed.version === version && [architecture, "all"].includes(listed.architecture),
  );
  if (found !== undefined) return found;
  throw new ServiceFailure(`apt wants to install ${name}=${version} (${architecture}), which its lists do not have`, {
    remedy: "The lists changed meanwhile; the next batch reads them anew. If it comes again, remove cache_dir/apt.",
  });
}

/**
 * Carries a plan out in a system: the packages' own scripts run there, and nowhere else.
 *
 * @param what for the message: `The upgrade of the chroot of Debian 12 (amd64)`.
 * @param remedy what to do when it fails; unless told, for a system that is kept as broken then.
 * @throws ServiceFailure with apt's, dpkg's and the scripts' own words
 */
export async function applyPlan(
  what: string,
  plan: Plan,
  view: SystemView,
  options: ApplyOptions,
  remedy: string = brokenRemedy,
): Promise<void> {
  if (plan.install.length + plan.remove.length === 0) return;
  const packages = await fetchPlanned(plan.install, options);
  const words = [...packages, ...plan.remove.map((name) => `${name}-`)];
  const inside = insideOptions(options);
  const { result, output } = await runInside(view, ["apt-get", ...aptOptions, "install", ...words], inside);
  if (!succeeded(result)) throw commandFailure(what, result, output, remedy);
  await requireConfigured(what, view, inside, remedy);
}

export function insideOptions({ place, deadlineMs, signal }: Omit<ApplyOptions, "index">): InsideOptions {
  return { packagesFolder: place.release.root.packagesFolder, deadlineMs, signal };
}

export const brokenRemedy =
  "Look at the broken system (crash-digger chroot list, chroot enter RELEASE --broken), have the package mended in the archive, then unlock; the last good system is still in place.";

const dpkgOptions = ["--force-confold", "--force-confdef", "--force-unsafe-io"];

// The packages are files that are at hand and were verified outside: apt has no archive inside, and needs none.
const aptOptions = [
  ...["-q", "-y", "--no-install-recommends", "--allow-downgrades", "--allow-change-held-packages"],
  ...dpkgOptions.flatMap((option) => ["-o", `DPkg::Options::=${option}`]),
  ...["-o", "APT::Sandbox::User=root", "-o", "DPkg::Use-Pty=false"],
  ...["-o", "Dir::Etc::sourcelist=/dev/null", "-o", "Dir::Etc::sourceparts=/dev/null"],
];

// apt has exited 0 with packages left unpacked (PackageManager::Configure, set by a package in apt.conf.d). What is half
// configured may work, or not, or give other files than the package would.
async function requireConfigured(what: string, view: SystemView, inside: InsideOptions, remedy: string): Promise<void> {
  const { result, output } = await runInside(view, ["dpkg", "--audit"], inside);
  if (succeeded(result) && output.trim() === "") return;
  throw commandFailure(`${what} left packages half installed (dpkg --audit): it`, result, output, remedy);
}
