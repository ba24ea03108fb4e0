import type { BugSnapshot } from "../../lab/launchpad/dump.ts";
import type { BugSeed } from "../../lab/launchpad/make-bug.ts";
import type { LaunchpadLab } from "../../lab/launchpad/start-launchpad.ts";
import type { FoundOut } from "../../lab/launchpad/todays-retracer.ts";

/** A core, and what the report of it says. */
export type RealCore = {
  readonly executable: string;
  readonly package: string;
  readonly architecture: string;
  readonly core: Buffer;
};

/**
 * - `workers`: a useful trace with a signature
 * - `lonely`: a useful trace of one frame, without a signature
 * - `lost`: mostly frames without names
 * - `unknown`: of a program that is in no archive
 * - `damaged`: cut off
 */
export type Cores = Readonly<Record<"workers" | "lonely" | "lost" | "unknown" | "damaged", RealCore>>;

/** A bug, what there is to find out about it, and what we do otherwise on purpose. */
export type Case = {
  readonly name: string;
  readonly bug: BugSeed;
  readonly ourVerdict: string;
  /** `of` and `traceOf` name bugs; a trace is that of the bug which first had this core. */
  readonly found: Pick<FoundOut, "verdict"> &
    Partial<Pick<FoundOut, "reason" | "useful" | "function">> & { readonly of?: string; readonly traceOf?: string };
  /** A bug that turns out to be the same as the master, because of this one. */
  readonly merges?: string;
  /** How each leaves the bug, where we differ on purpose. Else they have to agree. */
  readonly apart?: { readonly ours: Partial<BugSnapshot>; readonly todays: Partial<BugSnapshot> };
  /** Of this bug the numbers that comments name are not compared. */
  readonly namesAnother?: true;
  /** A person does this just before we make the bug a duplicate, and before today's retracer begins with it. */
  readonly justBefore?: (launchpad: LaunchpadLab, numberOf: (name: string) => number) => void;
};
