import { posix } from "node:path";

/**
 * How likely a package of this name ships a library or program, by names alone; 0 is not at all.
 *
 * Debian names a library's package after its soname (policy 8.1): libfoo.so.3 is in libfoo3, libfoo-1.0.so.2
 * in libfoo-1.0-2, with a tail where the ABI once changed (libfoo3t64, libfoo3v5). The core names the real
 * file, libfoo.so.3.4.1.
 */
export function likelihood(path: string, packageName: string): number {
  const base = posix.basename(path).toLowerCase().replaceAll("_", "-");
  const library = /^(.+?)\.so(?:\.(\d+))?(?:\.|$)/.exec(base);
  if (library === null) return programLikelihood(base, packageName);
  const stem = library[1] ?? "";
  const version = library[2];
  if (version === undefined) return packageName.startsWith(stem) ? 1 : 0;
  const expected = /\d$/.test(stem) ? `${stem}-${version}` : `${stem}${version}`;
  if (packageName === expected) return 3;
  if (packageName.startsWith(expected) && !/^\d/.test(packageName.slice(expected.length))) return 2;
  return 0;
}

function programLikelihood(base: string, packageName: string): number {
  if (packageName === base) return 3;
  return base.length > 2 && packageName.startsWith(`${base}-`) ? 1 : 0;
}

/** Whether a package holds debug symbols, by its name. */
export function isDebugPackage(name: string): boolean {
  return /-dbg(?:sym)?$/.test(name);
}

/** The package that a debug package describes: `libfoo3` for `libfoo3-dbgsym`. */
export function describedPackage(debugPackage: string): string {
  return debugPackage.replace(/-dbg(?:sym)?$/, "");
}
