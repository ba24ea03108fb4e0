import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asideName } from "../cache/owner.ts";
import { isBuildId } from "../module-path.ts";
import { moveInto, syncFolder } from "./move-into.ts";
import { buildIdFolder, dropUnlessReplaced, recordIn, type StoreRecord, statusOf } from "./stored-file.ts";
import type { StoredIndex } from "./types.ts";
import { asServiceFailure } from "./write-failure.ts";

/** How the making of an index ended: it is written, or in one sentence why not. */
export type MadeIndex = { readonly kind: "made" } | { readonly kind: "none"; readonly reason: string };

/** Looks an index up; a damaged one is removed and counts as missing. */
export async function storedIndex(store: string, buildId: string): Promise<StoredIndex | null> {
  if (!isBuildId(buildId)) return null;
  const folder = folderOf(store, buildId);
  const status = statusOf(folder);
  if (status === null) return null;
  const path = join(folder, "file");
  const record = recordIn(folder);
  if (record !== null && record.sizeBytes === statusOf(path)?.size)
    return { path: (await isIndex(path)) ? path : null };
  await dropUnlessReplaced(store, folder, status.ino);
  return null;
}

/** The store's `addIndex`; see there. The reason why there is none is kept in its place. */
export async function addIndex(
  store: string,
  buildId: string,
  make: (path: string) => Promise<MadeIndex>,
): Promise<StoredIndex> {
  const aside = join(store, "incoming", asideName());
  const target = folderOf(store, buildId);
  try {
    await mkdir(aside, { mode: 0o755 });
    const path = join(aside, "file");
    const made = await make(path);
    if (made.kind === "none") await writeFile(path, `${made.reason}\n`, { mode: 0o644, flush: true });
    await complete(aside, path);
    const there = await moveInto(aside, target, () => storedIndex(store, buildId));
    return there ?? { path: made.kind === "made" ? join(target, "file") : null };
  } catch (cause) {
    throw asServiceFailure(cause, `The symbol store ${store} cannot be written`);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function folderOf(store: string, buildId: string): string {
  return join(buildIdFolder(store, buildId), "index");
}

// gdb's documentation, "Index Section Format": the version comes first, as a little-endian number of 32 bits; 4 to 9 were
// ever written. A reason is text.
async function isIndex(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return bytesRead === 4 && buffer.readUInt32LE() < 256;
}

async function complete(folder: string, path: string): Promise<void> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  await chmod(path, 0o644);
  const record: StoreRecord = { source: "gdb", package: null, sha256: hash.digest("hex"), sizeBytes };
  await writeFile(join(folder, "record.json"), `${JSON.stringify(record)}\n`, { mode: 0o644, flush: true });
  await syncFolder(folder);
}
