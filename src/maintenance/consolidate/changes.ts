import type { StatusChange, StoredCrash } from "../../duplicates/types.ts";
import type { CrashId } from "../../tracker/types.ts";
import type { Change, HeardStatus } from "./types.ts";

type Stored = Pick<StoredCrash, "signature" | "fixedVersion">;

/**
 * What has to change so that the stored crashes stand as was heard, by id.
 *
 * @param versions in which source packages are published now, null for one that is not; missing when it was not asked
 */
export function changesBetween(
  stored: ReadonlyMap<CrashId, Stored>,
  heard: ReadonlyMap<CrashId, HeardStatus>,
  versions: ReadonlyMap<string, string | null>,
): readonly Change[] {
  const changes: Change[] = [];
  for (const [id, { signature, fixedVersion: was }] of stored) {
    const status = heard.get(id);
    const becomes = status === undefined ? null : becoming(was, status, versions);
    if (becomes !== null) changes.push({ id, signature, was, becomes, isAbsent: status?.kind === "absent" });
  }
  return changes.sort((left, right) => left.id - right.id);
}

/** The source packages whose version has to be known before the changes can be told. */
export function packagesToAsk(
  stored: ReadonlyMap<CrashId, Stored>,
  heard: ReadonlyMap<CrashId, HeardStatus>,
): readonly string[] {
  const packages = new Set<string>();
  for (const [id, { fixedVersion }] of stored) {
    const status = heard.get(id);
    if (status?.kind === "fixed-in" && !hasVersion(fixedVersion)) packages.add(status.sourcePackage);
  }
  return [...packages].sort();
}

/** The crashes of which not all was heard, by id. */
export function postponedAmong(
  stored: ReadonlyMap<CrashId, Stored>,
  heard: ReadonlyMap<CrashId, HeardStatus>,
  versions: ReadonlyMap<string, string | null>,
): readonly CrashId[] {
  const isLeft = ([id, { fixedVersion }]: readonly [CrashId, Stored]): boolean => {
    const status = heard.get(id);
    if (status?.kind === "fixed-in") return !hasVersion(fixedVersion) && !versions.has(status.sourcePackage);
    return status?.kind === "unasked";
  };
  const left = [...stored].filter(isLeft);
  return left.map(([id]) => id).sort((one, other) => one - other);
}

function becoming(
  was: string | null,
  status: HeardStatus,
  versions: ReadonlyMap<string, string | null>,
): StatusChange["becomes"] | null {
  switch (status.kind) {
    case "open":
      return was === null ? null : { kind: "open" };
    case "invalid":
    case "absent":
      return { kind: "removed" };
    case "hidden":
    case "unasked":
      return null;
    case "fixed":
      // "Fixed, nobody knows where" is less than a version that is stored.
      return status.version === was || (status.version === "" && was !== null) ? null : status;
    case "fixed-in": {
      // What is published now is later than what brought the fix, and gets later every month: the version of the day
      // on which the crash was first seen to be fixed is the nearest one there is.
      if (hasVersion(was)) return null;
      const version = versions.get(status.sourcePackage);
      if (version === undefined) return null;
      return version === null ? { kind: "removed" } : { kind: "fixed", version };
    }
  }
}

function hasVersion(fixedVersion: string | null): boolean {
  return fixedVersion !== null && fixedVersion !== "";
}
