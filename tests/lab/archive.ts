import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Archive, type ArchiveOptions, poolFolder } from "./archive-layout.ts";
import type { BuiltPackage } from "./package.ts";
import { type Publication, writeDists } from "./publish.ts";
import { createSigningKey } from "./signing.ts";

/** Makes an empty archive and publishes it. Add packages with addPackages, then publish again. */
export async function createArchive(folder: string, options: ArchiveOptions): Promise<Archive> {
  const archive = await unpublishedArchive(folder, options);
  await publish(archive);
  return archive;
}

/** Puts packages into the pool. They are in the indexes after the next publish. */
export async function addPackages(
  archive: Archive,
  packages: readonly BuiltPackage[],
  component = archive.options.components[0] ?? "main",
): Promise<void> {
  for (const built of packages) {
    const folder = poolFolder(archive, component, built.source);
    await mkdir(folder, { recursive: true });
    await copyFile(built.path, join(folder, fileName(built.path)));
  }
}

/** Takes a package out of the pool, as a newer upload does. It is in the indexes until the next publish. */
export async function removePackage(archive: Archive, built: BuiltPackage): Promise<void> {
  for (const component of archive.options.components) {
    await rm(join(poolFolder(archive, component, built.source), fileName(built.path)), { force: true });
  }
}

/**
 * Writes the indexes of what is in the pool, signs them (with the archive's key, if it has one) and puts them in place at once.
 *
 * @param publication how it is to differ from a healthy archive: expired, unsigned, wrongly signed.
 */
export async function publish(archive: Archive, publication: Publication = {}): Promise<void> {
  await writeDists(archive, publication);
}

/** The same before anything is published: for whoever has packages for it already. */
export async function unpublishedArchive(folder: string, options: ArchiveOptions): Promise<Archive> {
  const components = options.components ?? ["main"];
  for (const component of components) await mkdir(join(folder, "pool", component), { recursive: true });
  // The private key does not belong into what is served.
  const key = options.key === undefined ? await createSigningKey(`${folder}-key`) : options.key;
  const defaults = { compressions: ["xz", "gz"], contents: "component", byHash: false } as const;
  return { folder, key, options: { ...defaults, ...options, components, key } };
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
