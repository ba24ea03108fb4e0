import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, ServiceFailure } from "../../system/failure.ts";

/** Where releases are configured: a folder with one folder per release (Apport's layout), or the machine itself. */
export type Releases = { readonly kind: "folder"; readonly path: string } | { readonly kind: "system" };

/** The package sources of one release and architecture, as paths that apt reads. Null: there is none. */
export type ReleaseSources = {
  /** Whether they are this machine's own. */
  readonly system: boolean;
  readonly release: string;
  readonly architecture: string;
  readonly sourceList: string | null;
  readonly sourceParts: string | null;
  readonly trustedParts: string;
};

export type ReleaseLookup =
  | { readonly kind: "configured"; readonly sources: ReleaseSources }
  | { readonly kind: "not-configured"; readonly reason: string };

/**
 * Finds the package sources for a report's DistroRelease and Architecture, both of them hostile text: they
 * have to match a strict pattern, and the release has to be in the listing of the releases folder.
 *
 * @throws ServiceFailure when the releases folder itself cannot be read
 */
export async function findRelease(
  releases: Releases,
  release: string | null,
  architecture: string,
): Promise<ReleaseLookup> {
  if (!/^[a-z0-9][a-z0-9-]{1,31}$/.test(architecture)) return notConfigured("the architecture is not a Debian name");
  if (releases.kind === "system") return systemRelease(release, architecture);
  if (release === null) return notConfigured("the report does not name its release");
  if (!/^[A-Za-z0-9][A-Za-z0-9 .+~_-]{0,63}$/.test(release)) {
    return notConfigured("the report's release is not a release name");
  }
  if (!(await listing(releases.path)).includes(release)) {
    return notConfigured(`no package sources are configured for ${release}`);
  }
  return folderRelease(join(releases.path, release), release, architecture);
}

function notConfigured(reason: string): ReleaseLookup {
  return { kind: "not-configured", reason };
}

async function listing(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (cause) {
    const remedy = "Make the folder that the setting `releases` names, with one folder per release in it.";
    throw new ServiceFailure(`The releases folder cannot be read: ${messageOf(cause)}`, { cause, remedy });
  }
}

async function folderRelease(folder: string, release: string, architecture: string): Promise<ReleaseLookup> {
  const ownFolder = join(folder, architecture);
  const own = await sourcesIn(ownFolder);
  const { sourceList, sourceParts } = (own.sourceList ?? own.sourceParts) ? own : await sourcesIn(folder);
  if (sourceList === null && sourceParts === null) {
    return notConfigured(`the folder of ${release} has neither sources.list nor sources.list.d`);
  }
  const keyFolders = [join(ownFolder, "trusted.gpg.d"), join(folder, "trusted.gpg.d")];
  const trustedParts = (await firstFolder(keyFolders)) ?? "/etc/apt/trusted.gpg.d";
  return {
    kind: "configured",
    sources: { system: false, release, architecture, sourceList, sourceParts, trustedParts },
  };
}

async function sourcesIn(folder: string): Promise<Pick<ReleaseSources, "sourceList" | "sourceParts">> {
  const list = join(folder, "sources.list");
  const parts = join(folder, "sources.list.d");
  return {
    sourceList: (await kindOf(list)) === "file" ? list : null,
    sourceParts: (await kindOf(parts)) === "folder" ? parts : null,
  };
}

async function firstFolder(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    if ((await kindOf(path)) === "folder") return path;
  }
  return null;
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  if (found.isDirectory()) return "folder";
  return found.isFile() ? "file" : null;
}

async function systemRelease(release: string | null, architecture: string): Promise<ReleaseLookup> {
  const own = ownRelease(await readFile("/etc/os-release", "utf8").catch(() => ""));
  if (release !== null && own !== null && !sameRelease(release, own)) {
    return notConfigured(`this machine's own package sources are for ${own}, not for the report's release`);
  }
  const { sourceList, sourceParts } = await sourcesIn("/etc/apt");
  return {
    kind: "configured",
    sources: {
      system: true,
      release: "system",
      architecture,
      sourceList,
      sourceParts,
      trustedParts: "/etc/apt/trusted.gpg.d",
    },
  };
}

/** `Debian 12` from os-release(5); null when the file does not tell a version (testing and unstable do not). */
export function ownRelease(osRelease: string): string | null {
  const field = (name: string): string | null =>
    new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] || null;
  const name = field("NAME")?.replace(" GNU/Linux", "");
  const version = field("VERSION_ID");
  return name && version ? `${name} ${version}` : null;
}

// lsb_release said "Debian 12" in some years and "Debian 12.5" in others.
function sameRelease(reported: string, own: string): boolean {
  return reported === own || reported.startsWith(`${own}.`);
}
