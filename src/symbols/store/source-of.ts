import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { asideName } from "../cache/owner.ts";
import { isBuildId } from "../module-path.ts";
import { buildIdFolder } from "./stored-file.ts";
import { asServiceFailure } from "./write-failure.ts";

const schema = z.object({ name: z.string().max(255), version: z.string().max(255) });

/** A version of a source package. */
export type SourcePackageId = Readonly<z.output<typeof schema>>;

/** Which source package the file of a build-id was built from, as far as the store remembers. */
export async function sourceOf(store: string, buildId: string): Promise<SourcePackageId | null> {
  if (!isBuildId(buildId)) return null;
  try {
    return schema.parse(JSON.parse(await readFile(pathOf(store, buildId), "utf8")));
  } catch {
    // Not there, or damaged: whoever wants to know asks the archive.
    return null;
  }
}

/**
 * Remembers it beside the files of this build-id; it goes when they go. What is remembered already stays: a build-id
 * has one source for ever.
 *
 * @throws ServiceFailure when the store cannot be written
 */
export async function rememberSource(store: string, buildId: string, source: SourcePackageId): Promise<void> {
  if (!isBuildId(buildId) || (await sourceOf(store, buildId)) !== null) return;
  const path = pathOf(store, buildId);
  const aside = join(store, "incoming", asideName());
  try {
    await writeFile(aside, `${JSON.stringify({ name: source.name, version: source.version })}\n`, { mode: 0o644 });
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await rename(aside, path);
  } catch (cause) {
    throw asServiceFailure(cause, `The symbol store ${store} cannot be written`);
  } finally {
    await rm(aside, { force: true });
  }
}

function pathOf(store: string, buildId: string): string {
  return join(buildIdFolder(store, buildId), "source.json");
}
