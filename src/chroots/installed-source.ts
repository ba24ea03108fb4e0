import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debugPackages, exactVersion, likelyPackages } from "../symbols/archive/candidates.ts";
import { openPackages } from "../symbols/archive/open-packages.ts";
import { type ListedPackage, type PackageIndex, packageIndex } from "../symbols/archive/package-index.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import { createHostSource } from "../symbols/host/host.ts";
import type { Absence, SourceAnswer, SymbolHints, SymbolSource, WantedModule } from "../symbols/types.ts";
import type { Log } from "../system/log.ts";
import { applyPlan } from "./apply.ts";
import type { Chroots } from "./chroots.ts";
import { openOverlay } from "./overlay.ts";
import { packageOwning } from "./package-owning.ts";
import { planInstall } from "./plan.ts";
import type { UsedChroot } from "./types.ts";

export type InstalledSourceOptions = {
  readonly chroots: Pick<Chroots, "use">;
  readonly cache: Pick<SymbolCache, "store">;
  /** Whether crashes of a release and architecture are to be retraced in its chroot. */
  readonly isChroot: (release: string | null, architecture: string) => Promise<boolean>;
  /** Deadline of one step, milliseconds. */
  readonly timeoutMs: number;
  readonly log: Log;
};

/**
 * The release's own system as a source of symbols: what is installed in it, and then, in a layer over it that is thrown
 * away, the packages that ship a crash's modules and their debug packages, at the versions that the report names.
 *
 * What it finds goes into the store, which compares the build-ids: what a package's scripts did to a file, or a wrong
 * version, is noticed there. What cannot be installed is left to the sources after it.
 */
export function createInstalledSource(options: InstalledSourceOptions): SymbolSource {
  return {
    name: "chroot",
    async find(wanted, hints, signal) {
      const { release, architecture } = hints;
      if (release === null || !(await options.isChroot(release, architecture))) return [];
      await using used = await options.chroots.use(release, architecture, signal);
      const answers = [...(await inSystem(used.root, wanted, hints, options, signal))];
      const missing = stillMissing(wanted, answers);
      if (missing.length > 0) answers.push(...(await installed(used, missing, hints, options, signal)));
      return answers;
    },
  };
}

// That a file is not installed there is no reason for anything: the archive, which comes after, knows why it is nowhere.
async function inSystem(
  root: string,
  wanted: readonly WantedModule[],
  hints: SymbolHints,
  { cache: { store } }: InstalledSourceOptions,
  signal: AbortSignal,
): Promise<readonly SourceAnswer[]> {
  const packageOf = (place: string): Promise<string | null> => packageOwning(root, place, signal);
  const source = createHostSource({ store, root, name: "chroot", packageOf });
  return (await source.find(wanted, hints, signal)).map((answer) => ({ ...answer, absence: null }));
}

function stillMissing(wanted: readonly WantedModule[], answers: readonly SourceAnswer[]): readonly WantedModule[] {
  return wanted.flatMap((each) => {
    const answer = answers.find(({ buildId }) => buildId === each.module.buildId);
    const needs = each.needs.filter((part) => answer?.[part] === undefined || answer[part] === null);
    return needs.length === 0 ? [] : [{ ...each, needs }];
  });
}

async function installed(
  used: UsedChroot,
  wanted: readonly WantedModule[],
  hints: SymbolHints,
  options: InstalledSourceOptions,
  signal: AbortSignal,
): Promise<readonly SourceAnswer[]> {
  const { timeoutMs: deadlineMs, log } = options;
  const database = await openPackages(used.place.release.root, signal);
  try {
    const index = packageIndex(database);
    const packages = await packagesFor(wanted, hints, index);
    if (packages.length === 0) return [];
    await using overlay = await openOverlay(used, { deadlineMs, signal, log });
    const preferences = join(overlay.folder, "pins");
    await writeFile(preferences, await pinsOf(hints, index));
    const specs = packages.map(({ name, version }) => `${name}=${version}`);
    const planOptions = { root: used.place.release.root, system: used.root, preferences, deadlineMs, signal };
    const planned = await planInstall(specs, planOptions);
    if (planned.kind === "none") return notInstallable(wanted, planned.reason);
    const names = specs.join(" ");
    log.detail("installing in an overlay of the chroot", { chroot: used.place.title, packages: names });
    const what = `Installing ${names} in an overlay of the chroot of ${used.place.title}`;
    await applyPlan(what, planned.plan, overlay.view, { place: used.place, index, deadlineMs, signal }, layerRemedy);
    return await inSystem(overlay.changed, wanted, hints, options, signal);
  } finally {
    await database.close();
  }
}

const layerRemedy =
  "Have the package mended in the archive, or give the crash up (crash-digger bury ID REASON) where it is that package's fault alone; then unlock.";

// A process has some hundred libraries, each of them perhaps in a package of its own, with a debug package.
const maxPackages = 1000;

/** What ships the wanted modules, by build-id where the archive lists it, else by the report's word; each once. */
async function packagesFor(
  wanted: readonly WantedModule[],
  hints: SymbolHints,
  index: PackageIndex,
): Promise<readonly ListedPackage[]> {
  const found = new Map<string, ListedPackage>();
  for (const { module, needs } of wanted) {
    const buildId = module.buildId ?? "";
    const shipping = (await likelyPackages(index, module, buildId, hints)).slice(0, 1);
    const debug = needs.includes("debug") ? (await debugPackages(index, buildId, shipping)).slice(0, 1) : [];
    // One version of a name at a time: of two, the module that comes first (the program) decides.
    for (const each of [...shipping, ...debug]) if (!found.has(each.name)) found.set(each.name, each);
  }
  return [...found.values()].slice(0, maxPackages);
}

const maxPins = 2000;

/** Lets apt take what these depend on at the versions that the report names, as far as the archive has them. */
async function pinsOf(hints: SymbolHints, index: PackageIndex): Promise<string> {
  const pins: string[] = [];
  for (const hint of hints.packages.slice(0, maxPins)) {
    for (const { name, version } of await exactVersion(index, hint)) {
      pins.push(`Package: ${name}\nPin: version ${version}\nPin-Priority: 1001\n`);
    }
  }
  return pins.join("\n");
}

// What a report names need not fit together; anybody may file one. The archive's packages are opened without installing
// them then.
function notInstallable(wanted: readonly WantedModule[], why: string): readonly SourceAnswer[] {
  const reason = `its packages cannot be installed together in the chroot (${why})`;
  const absence: Absence = { status: "not-packaged", reason, versionWanted: null, versionsAvailable: [] };
  return wanted.map(({ module }) => ({ buildId: module.buildId ?? "", executable: null, debug: null, absence }));
}
