import type { LabServer } from "./server.ts";

const kinds = {
  /** Release files and lists of packages. */
  lists: /\/(?:InRelease|Release|Release\.gpg|Packages(?:\.\w+)?)$/,
  contents: /\/Contents-[^/]+$/,
  /** Lists of source packages, and source packages. */
  sources: /\/Sources(?:\.\w+)?$|\.dsc$|\.tar\.\w+$/,
  packages: /\.d?deb$/,
} as const;

/** What an archive was asked for, by kind, and how often at most for one package. */
export type Traffic = {
  readonly requests: number;
  readonly bytes: Readonly<Record<keyof typeof kinds | "other", number>>;
  /** Paths of packages, once for each time. */
  readonly packages: readonly string[];
};

/** The traffic of an archive's server from a request on (`server.hits().length` before). */
export function trafficSince(server: LabServer, first: number): Traffic {
  const hits = server.hits().slice(first);
  const bytes = { lists: 0, contents: 0, sources: 0, packages: 0, other: 0 };
  for (const hit of hits) bytes[kindOf(hit.path)] += hit.bytes;
  const packages = hits.map(({ path }) => path).filter((path) => kindOf(path) === "packages");
  return { requests: hits.length, bytes, packages };
}

function kindOf(path: string): keyof Traffic["bytes"] {
  for (const kind of ["lists", "contents", "sources", "packages"] as const) if (kinds[kind].test(path)) return kind;
  return "other";
}
