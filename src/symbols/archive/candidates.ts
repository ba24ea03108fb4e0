import type { CoreModule } from "../../core/types.ts";
import type { PackageHint, SymbolHints } from "../types.ts";
import { describedPackage, isDebugPackage, likelihood } from "./likely-names.ts";
import type { ListedPackage, PackageIndex } from "./package-index.ts";

// Every candidate may be a download. The build-id decides in the end, so a few good guesses are enough.
const maxGuesses = 3;
// A guess that nothing but its name speaks for is not worth more than this.
const maxGuessBytes = 100 * 1024 * 1024;

/**
 * Packages that may ship a module's file, best first, told by the index and the report alone: those whose
 * debug package lists the build-id, then the report's packages that are named like the file.
 */
export async function likelyPackages(
  index: PackageIndex,
  module: CoreModule,
  buildId: string,
  hints: SymbolHints,
): Promise<readonly ListedPackage[]> {
  const proven = await describedPackages(index, module.path, buildId);
  if (proven.length > 0) return proven;
  const guesses: ListedPackage[] = [];
  for (const hint of likelyHints(module, hints).slice(0, maxGuesses)) {
    guesses.push(...(await exactVersion(index, hint)));
  }
  return guesses.filter((guess) => guess.sizeBytes <= maxGuessBytes);
}

// libc6-dbg lists the build-ids of libc6, libc6-i386 and others of the same source, and libfoo3-dbgsym those
// of libfoo3 only: the package it describes goes first, then its siblings that are named like the file.
async function describedPackages(
  index: PackageIndex,
  path: string,
  buildId: string,
): Promise<readonly ListedPackage[]> {
  const found: ListedPackage[] = [];
  for (const debug of (await index.holding(buildId)).slice(0, maxGuesses)) {
    const described = describedPackage(debug.name);
    const siblings = (await index.ofSource(debug.source, debug.sourceVersion)).filter(
      (sibling) => !isDebugPackage(sibling.name) && sibling.architecture === debug.architecture,
    );
    const rank = (sibling: ListedPackage): number => (sibling.name === described ? 10 : likelihood(path, sibling.name));
    found.push(...best(siblings, rank));
  }
  return found;
}

/** The report's packages that may ship the file, best first. The crashing package comes first in the hints. */
export function likelyHints(module: CoreModule, hints: SymbolHints): readonly PackageHint[] {
  const crashing = module.isExecutable ? hints.packages[0] : undefined;
  return best(hints.packages, (hint) => (hint === crashing ? 10 : likelihood(module.path, hint.name)));
}

/**
 * Packages that ship a path, as the Contents index told: those in the report at its exact version, then
 * other versions that are there. Of a version that the report does not name, a debug package that lists its
 * build-ids and lacks the wanted one spares us the download.
 */
export async function shippingPackages(
  index: PackageIndex,
  names: readonly string[],
  buildId: string,
  hints: SymbolHints,
): Promise<readonly ListedPackage[]> {
  const exact: ListedPackage[] = [];
  const others: ListedPackage[] = [];
  for (const name of names.slice(0, 2 * maxGuesses)) {
    const hint = hints.packages.find((each) => each.name === name);
    for (const listed of await index.versionsOf(name)) {
      if (listed.version === hint?.version) exact.push(listed);
      else if (listed.sizeBytes <= maxGuessBytes && !(await isExcluded(index, listed, buildId))) others.push(listed);
    }
  }
  return [...exact, ...others.slice(0, maxGuesses)];
}

async function isExcluded(index: PackageIndex, listed: ListedPackage, buildId: string): Promise<boolean> {
  const debug = (await index.versionsOf(`${listed.name}-dbgsym`)).find((each) => each.version === listed.version);
  if (debug === undefined || !debug.listsBuildIds) return false;
  return !(await index.holding(buildId)).some((each) => each.sha256 === debug.sha256);
}

/**
 * Debug packages that may hold a build-id's debug file: those that list it; else, for the packages that may
 * have shipped the program, `P-dbgsym`, `P-dbg` and every `-dbg` of the same source, of the same version and
 * only where the archive does not show what build-ids they hold.
 */
export async function debugPackages(
  index: PackageIndex,
  buildId: string,
  shippedBy: readonly { readonly name: string; readonly version: string }[],
): Promise<readonly ListedPackage[]> {
  const listing = (await index.holding(buildId)).slice(0, maxGuesses);
  if (listing.length > 0) return listing;
  const found: ListedPackage[] = [];
  for (const shipped of shippedBy.slice(0, maxGuesses)) found.push(...(await debugSiblings(index, shipped)));
  return found.slice(0, 2 * maxGuesses);
}

async function debugSiblings(
  index: PackageIndex,
  shipped: { readonly name: string; readonly version: string },
): Promise<readonly ListedPackage[]> {
  const [binary] = await exactVersion(index, shipped);
  const named = await Promise.all(
    [`${shipped.name}-dbgsym`, `${shipped.name}-dbg`].map((name) => exactVersion(index, { ...shipped, name })),
  );
  const ofSource = binary === undefined ? [] : await index.ofSource(binary.source, binary.sourceVersion);
  const all = [...named.flat(), ...ofSource.filter((sibling) => sibling.name.endsWith("-dbg"))];
  return unique(all).filter((debug) => !debug.listsBuildIds);
}

/**
 * Where a shared (dwz) file may be: in packages that list its build-id, or in those of the same source and version that
 * hold debug symbols.
 */
export async function debugPackagesBeside(
  index: PackageIndex,
  debug: ListedPackage,
  sharedBuildId: string,
): Promise<readonly ListedPackage[]> {
  const listing = await index.holding(sharedBuildId);
  const siblings = await index.ofSource(debug.source, debug.sourceVersion);
  const others = siblings.filter((sibling) => isDebugPackage(sibling.name) && sibling.sha256 !== debug.sha256);
  return [...listing, ...others].slice(0, maxGuesses);
}

/** The package at exactly this version, if the archive lists it. */
export async function exactVersion(
  index: PackageIndex,
  wanted: { readonly name: string; readonly version: string },
): Promise<readonly ListedPackage[]> {
  return (await index.versionsOf(wanted.name)).filter((listed) => listed.version === wanted.version).slice(0, 1);
}

function best<T>(all: readonly T[], rank: (each: T) => number): readonly T[] {
  return all
    .map((each) => ({ each, rank: rank(each) }))
    .filter((ranked) => ranked.rank > 0)
    .sort((one, other) => other.rank - one.rank)
    .slice(0, maxGuesses)
    .map((ranked) => ranked.each);
}

function unique(packages: readonly ListedPackage[]): readonly ListedPackage[] {
  return [...new Map(packages.map((each) => [each.sha256, each])).values()];
}
