/** A value of the Package field, or a line of Dependencies. */
export type PackageField = {
  readonly name: string;
  /** Null when the package was not installed, or no version is given. */
  readonly version: string | null;
  /** `[origin: …]`: where a third-party package came from, e.g. `LP-PPA-user-name`. */
  readonly origin: string | null;
  /** `[modified: …]`: files that differ from the package's, without a leading slash. */
  readonly modified: readonly string[];
};

/** A package of which the report says the version. */
export type InstalledPackage = PackageField & { readonly version: string };

const maxLines = 20_000;

// Debian Policy 5.6.1 and 5.6.12. Neither can begin with a dash, so that neither is taken for an option
// when it comes to apt, nor does a name hold a slash.
const packageName = /^[a-z0-9][a-z0-9+.-]{0,254}(?::[a-z0-9-]{1,32})?$/;
const packageVersion = /^[0-9A-Za-z][0-9A-Za-z.+:~-]{0,254}$/;

/**
 * Parses `name version [modified: …] [origin: …]`, the form of the Package field; the name may stand
 * alone, or with `(not installed)`. Null for anything else.
 */
export function parsePackageField(text: string): PackageField | null {
  const { plain, brackets } = splitBrackets(text.trim());
  const [name = "", ...rest] = plain.split(/\s+/).filter((word) => word !== "");
  if (!packageName.test(name)) return null;
  const version = parseVersion(rest);
  if (version === undefined) return null;
  return {
    name,
    version,
    origin: brackets.get("origin") ?? null,
    modified: (brackets.get("modified") ?? "").split(/\s+/).filter((path) => path !== ""),
  };
}

/** Parses the Dependencies field. Lines without a version, or of another form, are left out. */
export function parseDependencies(text: string): readonly InstalledPackage[] {
  return text
    .split("\n", maxLines)
    .map((line) => parsePackageField(line))
    .filter((parsed) => isInstalled(parsed));
}

/** The packages that a report names, the crashed one first, each name once. */
export function packagesOf(fields: ReadonlyMap<string, string>): readonly InstalledPackage[] {
  const own = parsePackageField(fields.get("Package") ?? "");
  const packages = new Map<string, InstalledPackage>();
  for (const each of [own, ...parseDependencies(fields.get("Dependencies") ?? "")]) {
    if (isInstalled(each) && !packages.has(each.name)) packages.set(each.name, each);
  }
  return [...packages.values()];
}

function isInstalled(parsed: PackageField | null): parsed is InstalledPackage {
  return parsed !== null && parsed.version !== null;
}

function parseVersion(words: readonly string[]): string | null | undefined {
  if (words.length === 0 || words.join(" ") === "(not installed)") return null;
  const [version = ""] = words;
  return words.length === 1 && packageVersion.test(version) ? version : undefined;
}

// A modified file may be called `usr/bin/[`, so an opening bracket inside of brackets means nothing.
function splitBrackets(text: string): { plain: string; brackets: ReadonlyMap<string, string> } {
  const brackets = new Map<string, string>();
  let plain = "";
  let offset = 0;
  while (offset < text.length) {
    const open = text.indexOf("[", offset);
    const close = open === -1 ? -1 : text.indexOf("]", open);
    if (close === -1) break;
    plain += `${text.slice(offset, open)} `;
    const [label = "", ...value] = text.slice(open + 1, close).split(":");
    brackets.set(label.trim(), value.join(":").trim());
    offset = close + 1;
  }
  return { plain: plain + text.slice(offset), brackets };
}
