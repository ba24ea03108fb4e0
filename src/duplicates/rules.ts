import { compareVersions } from "./compare-versions.ts";
import type { CrashId } from "./types.ts";

/** A stored crash that shares a signature with the report. */
export type Candidate = {
  readonly id: CrashId;
  /** Null = open, '' = fixed in an unknown version, else the version. */
  readonly fixedVersion: string | null;
};

export type Candidates = { readonly bySignature: readonly Candidate[]; readonly byAddress: readonly Candidate[] };

/** What the known crashes mean for a report. `loser`: a stored crash that turned out to be the same as `master`. */
export type Decision =
  | { readonly kind: "duplicate"; readonly master: CrashId; readonly loser: CrashId | null }
  | { readonly kind: "regression"; readonly of: CrashId }
  | { readonly kind: "new" };

/** Decides by the known crashes with the report's signatures; their status has to be fresh. */
export function decide(candidates: Candidates, packageVersion: string | null): Decision {
  const bySignature = inOrder(candidates.bySignature);
  const byAddress = inOrder(candidates.byAddress);
  const signatureMaster = firstMaster(bySignature, packageVersion);
  const addressMaster = firstMaster(byAddress, packageVersion);
  const masters = [signatureMaster, addressMaster].filter((master) => master !== null);
  if (masters.length > 0) {
    const [master, loser] = [Math.min(...masters), Math.max(...masters)];
    return { kind: "duplicate", master, loser: loser === master ? null : loser };
  }
  const last = bySignature.at(-1) ?? byAddress.at(-1);
  return last === undefined ? { kind: "new" } : { kind: "regression", of: last.id };
}

/** The first of the candidates that a report of this version is a duplicate of; null when each is fixed before it. */
export function chooseMaster(candidates: readonly Candidate[], packageVersion: string | null): CrashId | null {
  return firstMaster(inOrder(candidates), packageVersion);
}

function firstMaster(ordered: readonly Candidate[], packageVersion: string | null): CrashId | null {
  return ordered.find((candidate) => hasTheCrash(candidate, packageVersion))?.id ?? null;
}

// `''` is "Fix Released" without a version: the report may come from before the fix or from after it. Closed as a
// duplicate, a regression would vanish in a bug that nobody reads any more. Taken as a regression, it costs one
// open bug for a person to look at, and every later report becomes a duplicate of that one. So: never the master
// of a report that has a version.
function hasTheCrash(candidate: Candidate, packageVersion: string | null): boolean {
  if (candidate.fixedVersion === null || packageVersion === null) return true;
  if (candidate.fixedVersion === "") return false;
  return compareVersions(candidate.fixedVersion, packageVersion) > 0;
}

/** By fixed version, an unknown one first and the open ones last; equal ones by id. */
function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.toSorted((left, right) => compareFixed(left, right) || left.id - right.id);
}

function compareFixed(left: Candidate, right: Candidate): number {
  if (left.fixedVersion === right.fixedVersion) return 0;
  if (left.fixedVersion === null) return 1;
  if (right.fixedVersion === null) return -1;
  if (left.fixedVersion === "") return -1;
  if (right.fixedVersion === "") return 1;
  return compareVersions(left.fixedVersion, right.fixedVersion);
}
