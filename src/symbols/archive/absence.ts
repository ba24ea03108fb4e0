import type { Absence, PackageHint, SymbolHints } from "../types.ts";
import { likelyHints } from "./candidates.ts";
import type { ListedPackage, PackageIndex } from "./package-index.ts";
import type { Search } from "./search.ts";

const maxVersions = 10;

/** Why the archive could not give a module's program or library, with the versions wanted and there. */
export async function missingExecutable(
  search: Search,
  shippedBy: readonly string[],
  hints: SymbolHints,
  index: PackageIndex,
): Promise<Absence> {
  const names = [...new Set([...shippedBy, ...search.others.map((other) => other.name)])];
  const hint = hintFor(search, names, hints);
  const name = hint?.name ?? names[0];
  const versionsAvailable = name === undefined ? [] : versionsIn(await index.versionsOf(name));
  const versionWanted = hint?.version ?? null;
  const facts = { versionWanted, versionsAvailable };
  const isGone = hint !== null && !versionsAvailable.includes(hint.version);
  if (name === undefined || (names.length === 0 && !isGone)) {
    const reason = "no package of the release ships this path";
    return { status: "not-packaged", reason, versionWanted: null, versionsAvailable: [] };
  }
  if (isGone) {
    return { ...facts, status: "gone", reason: `${name} ${hint.version} is not in the archive any more` };
  }
  return {
    ...facts,
    status: "wrong-version",
    reason: `${name} ships this path, but no version in the archive has the file that crashed`,
  };
}

function hintFor(search: Search, names: readonly string[], hints: SymbolHints): PackageHint | null {
  const named = hints.packages.find((hint) => names.includes(hint.name));
  return named ?? (names.length === 0 ? likelyHints(search.module, hints)[0] : undefined) ?? null;
}

function versionsIn(listed: readonly ListedPackage[]): readonly string[] {
  return [...new Set(listed.map((each) => each.version))].slice(0, maxVersions);
}

/** Why the archive could not give a module's debug symbols. */
export function missingDebug(search: Search): Absence {
  const tried = [...search.tried.values()].map((each) => `${each.name} ${each.version}`);
  const reason =
    tried.length === 0
      ? "no debug package of the release holds this build-id"
      : `${tried.join(", ")} ${tried.length === 1 ? "does" : "do"} not hold this build-id`;
  return { status: "no-debug-symbols", reason, versionWanted: null, versionsAvailable: [] };
}
