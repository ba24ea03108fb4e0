import { createHash } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { TransientFailure } from "../../system/failure.ts";
import { asideName } from "../cache/owner.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import { asServiceFailure } from "../store/write-failure.ts";
import type { PublishedBinaries, PublishedFile } from "./types.ts";

/** The packages that were fetched, beside those of the private apt roots, under the same size limit. */
export type PublishedPackages = {
  /**
   * Fetches a package unless we have it, and compares it with what it has to be.
   *
   * @returns its path, or in one sentence why it is not used
   * @throws TransientFailure when its connection breaks off again and again, ServiceFailure when the disk is full
   */
  fetch(file: PublishedFile): Promise<{ readonly path: string } | { readonly reason: string }>;
};

/** Downloads of one process go one after the other: of two crashes in one library the second finds it here. */
export function publishedPackages(
  { open }: Pick<PublishedBinaries, "open">,
  cache: Pick<SymbolCache, "aptFolder" | "touch" | "grew">,
): PublishedPackages {
  const folder = join(cache.aptFolder, "published", "packages");
  let turn: Promise<unknown> = Promise.resolve();
  const fetchNow = async (file: PublishedFile): ReturnType<PublishedPackages["fetch"]> => {
    const path = join(folder, `${file.sha256}.deb`);
    await cache.touch([path]);
    if ((await stat(path).catch(() => null))?.size === file.sizeBytes) return { path };
    cache.grew();
    const reason = await download(file, path, () => open(file));
    return reason === null ? { path } : { reason };
  };
  return {
    fetch: async (file) => {
      const fetching = turn.then(() => fetchNow(file));
      // How this one ended is told to its caller; the next in line only waits for it.
      turn = fetching.catch(() => {});
      return await fetching;
    },
  };
}

const tries = 3;

// A connection that breaks off in the middle is no reason to end a batch; one that does so each time is.
async function download(
  file: PublishedFile,
  path: string,
  begin: () => Promise<Readable | null>,
): Promise<string | null> {
  for (let turn = 1; ; turn += 1) {
    const body = await begin();
    if (body === null) return "its file is not there any more";
    try {
      return await keep(file, body, path);
    } catch (error) {
      if (!(error instanceof TransientFailure) || turn >= tries) throw error;
    }
  }
}

// Written aside and renamed when it is whole and the right one: nobody ever opens another.
async function keep(file: PublishedFile, body: Readable, path: string): Promise<string | null> {
  const folder = join(path, "..");
  const aside = join(folder, asideName());
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const reason = await write(file, body, aside);
    if (reason === null) await rename(aside, path);
    return reason;
  } catch (error) {
    throw asServiceFailure(error, `The package cache ${folder} cannot be written`);
  } finally {
    body.destroy();
    await rm(aside, { force: true });
  }
}

async function write({ sizeBytes, sha256 }: PublishedFile, body: Readable, path: string): Promise<string | null> {
  await using file = await open(path, "wx", 0o644);
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > sizeBytes) return `its file is larger than the ${sizeBytes} bytes it should have`;
    hash.update(piece);
    await file.appendFile(piece);
  }
  const found = hash.digest("hex");
  if (size !== sizeBytes || found !== sha256) {
    return `its file is refused: ${size} bytes with sha256 ${found}, not ${sizeBytes} with ${sha256}`;
  }
  await file.sync();
  return null;
}
