import type { OpenRelease } from "../symbols/archive/open-release.ts";

/** A system of one release and architecture, by its folder. */
export type ChrootPlace = {
  readonly folder: string;
  /** For messages: `Debian 12 (amd64)`. */
  readonly title: string;
  /** DistroRelease, as the configuration has it. */
  readonly name: string;
  readonly architecture: string;
  /** The release's private apt: it plans and downloads for the system, from outside. */
  readonly release: OpenRelease;
};

/** A system that is in use: it is not changed and not removed until this is disposed of. */
export type UsedChroot = AsyncDisposable & {
  /** Its root folder. Read-only for everybody: work is done in an overlay, upgrades in a copy. */
  readonly root: string;
  /** Which version of the system it is, for the manifest. */
  readonly version: string;
  readonly place: ChrootPlace;
};

/** How the root of a system is shown to what runs in it. */
export type SystemView =
  | { readonly kind: "folder"; readonly root: string }
  /** `lower` stays as it is, changes go into `folder` (`upper`, `work`, `merged`). */
  | { readonly kind: "overlay"; readonly lower: string; readonly folder: string };
