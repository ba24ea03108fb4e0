import type { ArchiveView } from "../archive/archive-view.ts";
import { likelyHints } from "../archive/candidates.ts";
import type { Search } from "../archive/search.ts";
import type { SymbolStore } from "../store/symbol-store.ts";
import type { PackageHint, SymbolHints } from "../types.ts";
import type { NamedVersion } from "./types.ts";

/** A package that may have what is missing, and how large a file that is worth. */
export type Guess = NamedVersion & { readonly maxBytes: number };

// Each guess is two requests and a download.
const maxGuesses = 3;
// Chromium's debug symbols are some 2 GB packed, the largest in Ubuntu.
const maxPackageBytes = 8 * 1024 ** 3;
// A guess that nothing but its name speaks for is not worth more than this.
const maxGuessBytes = 100 * 1024 ** 2;

/** The archive's lists where there are any. */
export type Lists = Pick<ArchiveView, "shipping" | "has">;

/**
 * Packages that may have shipped a program or library, at the versions that the report names: those that ship its path
 * today, and those that are named like it. What the archive has itself was tried there.
 */
export async function executableGuesses(
  { module }: Search,
  hints: SymbolHints,
  lists: Lists,
): Promise<readonly Guess[]> {
  const shipping = new Set(await lists.shipping(module.path));
  const hinted = hints.packages.filter(({ name }) => shipping.has(name));
  const likely = likelyHints(module, hints);
  const guesses = new Map([...hinted, ...likely].map(({ name, version }) => [name, version]));
  const found: Guess[] = [];
  for (const [name, version] of [...guesses].slice(0, maxGuesses)) {
    const maxBytes = shipping.has(name) ? maxPackageBytes : maxGuessBytes;
    if (!(await lists.has({ name, version }))) found.push({ name, version, maxBytes });
  }
  return found;
}

/**
 * Debug packages of the package that the program or library came from: the store's record says which it was; of a file
 * that was here otherwise the report's packages are guessed at. Without the file itself its symbols are of no use.
 */
export async function debugGuesses(
  { module, buildId }: Search,
  hints: SymbolHints,
  lists: Lists,
  store: SymbolStore,
): Promise<readonly Guess[]> {
  const executable = await store.lookup(buildId, "executable");
  if (executable === null) return [];
  const [name, version] = executable.provenance.package?.split("=") ?? [];
  const known = name === undefined || version === undefined ? null : { name, version };
  const found: Guess[] = [];
  for (const shipped of known === null ? likelyHints(module, hints).slice(0, maxGuesses) : [known]) {
    for (const ending of ["-dbgsym", "-dbg"]) {
      const debug = { name: `${shipped.name}${ending}`, version: shipped.version };
      if (!(await lists.has(debug))) found.push({ ...debug, maxBytes: maxPackageBytes });
    }
  }
  return found;
}

// A report may name as many packages as it likes.
const maxHints = 5000;

/**
 * The hints with plain names: a library of another architecture than the machine's is `libfoo1:i386` in its report.
 */
export function plainHints(hints: SymbolHints): SymbolHints {
  const suffix = `:${hints.architecture}`;
  const plain = (hint: PackageHint): PackageHint =>
    hint.name.endsWith(suffix) ? { ...hint, name: hint.name.slice(0, -suffix.length) } : hint;
  return { ...hints, packages: hints.packages.slice(0, maxHints).map(plain) };
}
