import type { Log } from "../../system/log.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import type { AptRoot } from "./apt-root.ts";
import { type PackageCache, packageCache } from "./package-cache.ts";
import { type SharedWork, sharedWork } from "./shared-work.ts";
import { type ListKind, updateLists } from "./update.ts";

/** A private root with what all retraces of this process share of it. */
export type OpenRelease = {
  readonly root: AptRoot;
  readonly packages: PackageCache;
  readonly updatePackages: SharedWork;
  readonly updateContents: SharedWork;
};

/** @param options.timeoutMs deadline of one update and of one download */
export function openRelease(
  root: AptRoot,
  { cache, timeoutMs, log }: { readonly cache: SymbolCache; readonly timeoutMs: number; readonly log: Log },
): OpenRelease {
  const update = (kind: ListKind): SharedWork =>
    sharedWork((signal) => updateLists(root, kind, { timeoutMs, log }, signal));
  return {
    root,
    packages: packageCache(root, cache, timeoutMs),
    updatePackages: update("packages"),
    updateContents: update("contents"),
  };
}
