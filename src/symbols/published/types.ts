import type { Readable } from "node:stream";

/** A binary package by name and version, as a report names it. */
export type NamedVersion = { readonly name: string; readonly version: string };

/** What is asked for: exactly this version, for one release and architecture. */
export type PublishedQuestion = NamedVersion & {
  /** DistroRelease, e.g. `Ubuntu 24.04`. Hostile text. */
  readonly release: string;
  readonly architecture: string;
};

/** The file of a package that was published once, and what it has to be. */
export type PublishedFile = {
  readonly url: string;
  readonly sizeBytes: number;
  /** 64 lower-case hex digits: the implementation has looked. */
  readonly sha256: string;
  /** Null where the service does not tell. */
  readonly source: NamedVersion | null;
};

/** `reason`: one sentence. */
export type PublishedAnswer =
  | { readonly kind: "published"; readonly file: PublishedFile }
  | { readonly kind: "none"; readonly reason: string };

/**
 * A service that keeps every binary package that a distribution has ever published. Throws TransientFailure while it is
 * away, ServiceFailure when its answers cannot be read.
 */
export type PublishedBinaries = {
  /** Name of the source: `launchpad`. */
  readonly name: string;
  /** Which service, and which distribution: what one is known to lack, another may have. */
  readonly identity: string;
  /** Whether a report's release can be one of the distribution's. Asks nobody. */
  serves(release: string | null): boolean;
  find(question: PublishedQuestion): Promise<PublishedAnswer>;
  /** The bytes of a file; null when they are not there. Whoever asks reads them to the end or destroys the stream. */
  open(file: PublishedFile): Promise<Readable | null>;
};
