import { basename, join } from "node:path";
import type { Archive } from "../symbols/archive/archive.ts";
import { ServiceFailure } from "../system/failure.ts";
import { type ChrootVersion, rootOf } from "./layout.ts";
import { type Renewed, type RenewServices, renew } from "./renew.ts";
import { takeTurn } from "./turn.ts";
import type { ChrootPlace, UsedChroot } from "./types.ts";
import { noteUse, sweep } from "./versions.ts";

export type ChrootsOptions = RenewServices & {
  /** Folder of all of them. */
  readonly folder: string;
  readonly archive: Pick<Archive, "apt">;
  /** This machine's: programs of no other are run. */
  readonly nativeArchitecture: () => Promise<string>;
};

/** Full systems of releases. Safe for several processes at once. */
export type Chroots = {
  /**
   * A release's system, as new as the archive, for use: made or upgraded first where that is needed. The archive is asked
   * once in the life of this; after that the lists count that are there, whoever fetched them.
   *
   * @throws ServiceFailure when it cannot be made as new as that
   */
  use(release: string, architecture: string, signal: AbortSignal): Promise<UsedChroot>;
  /** The same as a command: asks the archive and renews. */
  renew(place: ChrootPlace, signal: AbortSignal): Promise<Renewed>;
  /** Where the system of a release is, or is to be. @throws ServiceFailure when there can be none */
  place(release: string, architecture: string, signal: AbortSignal): Promise<ChrootPlace>;
};

/** Opens the folder of chroots. */
export function createChroots(options: ChrootsOptions): Chroots {
  const updated = new Map<string, Promise<void>>();
  const place = (release: string, architecture: string, signal: AbortSignal): Promise<ChrootPlace> =>
    placeOf(release, architecture, options, signal);
  return {
    place,
    async use(release, architecture, signal) {
      const found = await place(release, architecture, signal);
      // One that failed is asked again: it stopped this batch, and in a command it is the person who asks.
      const asked = updated.get(found.folder) ?? found.release.updatePackages(signal);
      updated.set(found.folder, asked);
      asked.catch(() => updated.delete(found.folder));
      await asked;
      return await ready(found, options, signal);
    },
    async renew(found, signal) {
      await found.release.updatePackages(signal);
      using _turn = await takeTurn(found.folder, options.timeoutMs, signal);
      await sweep(found.folder, options.clock);
      return await renew(found, options, signal);
    },
  };
}

async function ready(place: ChrootPlace, options: ChrootsOptions, signal: AbortSignal): Promise<UsedChroot> {
  using _turn = await takeTurn(place.folder, options.timeoutMs, signal);
  await sweep(place.folder, options.clock);
  const { version } = await renew(place, options, signal);
  return await used(place, version);
}

/** Takes a version into use; for whoever has the turn. */
export async function used(place: ChrootPlace, version: ChrootVersion): Promise<UsedChroot> {
  const use = await noteUse(version.path);
  return {
    root: rootOf(version.path),
    version: version.id,
    place,
    [Symbol.asyncDispose]: () => use[Symbol.asyncDispose](),
  };
}

async function placeOf(
  release: string,
  architecture: string,
  { folder, archive, nativeArchitecture }: ChrootsOptions,
  signal: AbortSignal,
): Promise<ChrootPlace> {
  const native = await nativeArchitecture();
  if (architecture !== native) {
    throw new ServiceFailure(`this machine (${native}) has no chroots of ${JSON.stringify(architecture)}`, {
      remedy: `Use a machine of that architecture, or environment = "unpacked", which needs gdb-multiarch only.`,
    });
  }
  const apt = await archive.apt(release, architecture, signal);
  if (apt === null) {
    throw new ServiceFailure(`no package sources are configured for ${JSON.stringify(release)} (${architecture})`, {
      remedy: "A release has a folder named exactly as DistroRelease in the reports (docs/operations.md).",
    });
  }
  // Named as the private apt is: by release, architecture, and which sources they are.
  return {
    folder: join(folder, basename(apt.root.folder)),
    title: `${release} (${architecture})`,
    name: release,
    architecture,
    release: apt,
  };
}
