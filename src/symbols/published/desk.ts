import type { ListedPackage } from "../archive/package-index.ts";
import type { SymbolHints } from "../types.ts";
import type { PublishedPackages } from "./fetch-package.ts";
import type { Guess } from "./guesses.ts";
import type { PublishedBinaries, PublishedFile } from "./types.ts";

/** A package that is here, or why it is not. */
export type Obtained =
  | { readonly kind: "package"; readonly listed: ListedPackage; readonly path: string }
  | { readonly kind: "none"; readonly reason: string };

/** Where the search of one crash gets its packages: each is asked for once. */
export type Desk = { obtain(guess: Guess): Promise<Obtained> };

// A desktop program that was not restarted for a month has some hundred libraries that are gone, and as many debug
// packages. Whoever needs more than this wants to keep the retracer busy.
const maxPackages = 400;

/** @param release DistroRelease that the service serves */
export function openDesk(
  binaries: PublishedBinaries,
  packages: PublishedPackages,
  { architecture, release }: Pick<SymbolHints, "architecture"> & { readonly release: string },
): Desk {
  const asked = new Map<string, Obtained>();
  const obtainNow = async (guess: Guess): Promise<Obtained> => {
    const { name, version, maxBytes } = guess;
    const found = await binaries.find({ name, version, release, architecture });
    if (found.kind === "none") return found;
    const { file } = found;
    if (file.sizeBytes > maxBytes)
      return none(guess, `is too large to be fetched on a guess (${file.sizeBytes} bytes)`);
    const fetched = await packages.fetch(file);
    if ("reason" in fetched) return none(guess, fetched.reason);
    return { kind: "package", listed: listedAs(guess, architecture, file), path: fetched.path };
  };
  return {
    obtain: async (guess) => {
      const key = `${guess.name}=${guess.version}`;
      if (!asked.has(key) && asked.size >= maxPackages)
        return none(guess, "was not asked for: the crash needs too many");
      const obtained = asked.get(key) ?? (await obtainNow(guess));
      asked.set(key, obtained);
      return obtained;
    },
  };
}

function none({ name, version }: Guess, reason: string): Obtained {
  return { kind: "none", reason: `${name} ${version}: ${reason}` };
}

function listedAs({ name, version }: Guess, architecture: string, file: PublishedFile): ListedPackage {
  const { sizeBytes, sha256, source } = file;
  return {
    name,
    version,
    architecture,
    // Where the service does not tell the source, the archive may be asked for it when its lines are wanted.
    source: source?.name ?? "",
    sourceVersion: source?.version ?? "",
    sizeBytes,
    sha256,
    listsBuildIds: false,
  };
}
