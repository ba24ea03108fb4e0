import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ignoreMissing, names, sha256InName } from "../symbols/cache/entries.ts";
import { asideName } from "../symbols/cache/owner.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import { asServiceFailure } from "../symbols/store/write-failure.ts";
import type { TreeText } from "./patched-files.ts";
import type { ListedSource, SourcePackage } from "./types.ts";

/** What the cache keeps of one version of a source package, besides its files: its description, and texts read from it. */
export type SourceShelf = {
  readonly folder: string;
  listed(): Promise<ListedSource | null>;
  text(names: readonly string[]): Promise<TreeText | null>;
  keepListed(source: ListedSource): Promise<void>;
  keepText(names: readonly string[], text: TreeText): Promise<void>;
};

const listedSchema = z.object({
  name: z.string(),
  version: z.string(),
  format: z.string(),
  folderUri: z.string(),
  files: z.array(z.object({ name: z.string(), sha256: z.string(), sizeBytes: z.number() })),
});
const textSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), path: z.string(), text: z.string() }),
  z.object({ kind: z.literal("none"), reason: z.string() }),
]);

// Raised when a source package is read in another way: what was read before is then as good as gone.
const format = 1;

/**
 * The shelf of a source package. Two archives may have different packages of one name and version.
 *
 * @param root name of the apt root that it comes from.
 */
export function sourceShelf(cache: SymbolCache, root: string, { name, version }: SourcePackage): SourceShelf {
  const digest = sha256Of(JSON.stringify([format, root, name, version]));
  const folder = join(cache.folder, "sources", digest.slice(0, 2), digest.slice(2));
  const keep = async (key: string, value: unknown): Promise<void> => {
    cache.grew();
    await write(cache, folder, key, `${JSON.stringify(value)}\n`);
  };
  return {
    folder,
    listed: () => read(folder, "package", listedSchema),
    text: (file) => read(folder, keyOf(file), textSchema),
    keepListed: (source) => keep("package", source),
    keepText: (file, text) => keep(keyOf(file), text),
  };
}

// A file tells in its name what its content has to be, so that a damaged one is not believed.
async function read<Schema extends z.ZodType>(
  folder: string,
  key: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  for (const name of (await names(folder)).filter((each) => each.startsWith(`${key}-`))) {
    const content = await readFile(join(folder, name), "utf8").catch(ignoreMissing);
    if (content !== undefined && sha256Of(content) === sha256InName(name)) {
      return schema.safeParse(JSON.parse(content)).data ?? null;
    }
    await rm(join(folder, name), { force: true });
  }
  return null;
}

async function write(cache: SymbolCache, folder: string, key: string, content: string): Promise<void> {
  const aside = join(cache.store.folder, "incoming", asideName());
  const name = `${key}-${sha256Of(content)}.json`;
  try {
    const file = await open(aside, "wx", 0o644);
    await file.writeFile(content).finally(() => file.close());
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const older = (await names(folder)).filter((each) => each.startsWith(`${key}-`) && each !== name);
    await rename(aside, join(folder, name));
    for (const each of older) await rm(join(folder, each), { force: true });
  } catch (cause) {
    throw asServiceFailure(cause, `The cache ${cache.folder} cannot be written`);
  } finally {
    await rm(aside, { force: true });
  }
}

function keyOf(file: readonly string[]): string {
  return sha256Of(JSON.stringify(file));
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
