import type { Core } from "../core/types.ts";
import { packagesOf } from "../report/package-field.ts";
import type { SymbolHints } from "../symbols/types.ts";

/**
 * What a report says about the packages that its files came from. The core's own architecture counts more than
 * the report's: it is what the files have to match.
 */
export function hintsFrom(fields: ReadonlyMap<string, string>, core: Core): SymbolHints {
  return {
    release: fields.get("DistroRelease") ?? null,
    architecture: core.architecture ?? fields.get("Architecture") ?? "unknown",
    packages: packagesOf(fields).map(({ name, version, origin }) => ({ name, version, origin })),
  };
}
