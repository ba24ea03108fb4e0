import { join } from "node:path";
import type { SigningKey } from "./signing.ts";

export type ArchiveOptions = {
  readonly suite: string;
  readonly codename: string;
  /** `main` unless told. */
  readonly components?: readonly string[];
  /** Debian architecture names. */
  readonly architectures: readonly string[];
  /**
   * Key to sign with; one is made unless told. Null: nothing is signed, and sources say that the archive is trusted. For tests that
   * are not about trust: apt's check of one signature starts some twenty processes, a third of the time of all tests.
   */
  readonly key?: SigningKey | null;
  /** How the indexes are compressed; xz and gz unless told. */
  readonly compressions?: readonly ("xz" | "gz" | "none")[];
  /**
   * Where the Contents index lies: `component` as Debian has it (`main/Contents-amd64`), `suite` as Ubuntu
   * has it, or there is none.
   */
  readonly contents?: "component" | "suite" | "none";
  /** Whether indexes can be fetched under their hash too (`Acquire-By-Hash`). */
  readonly byHash?: boolean;
};

/** A package archive on disk: `pool/` holds the packages, `dists/` what was last published of them. */
export type Archive = {
  /** The folder that a server serves, or that a `file:` source names. */
  readonly folder: string;
  readonly options: Required<ArchiveOptions>;
  readonly key: SigningKey | null;
};

/** `pool/main/w/workers`, and `pool/main/libf/libfoo` for libraries, as Debian's pool is laid out. */
export function poolFolder(archive: Archive, component: string, source: string): string {
  const prefix = source.startsWith("lib") ? source.slice(0, 4) : source.slice(0, 1);
  return join(archive.folder, "pool", component, prefix, source);
}
