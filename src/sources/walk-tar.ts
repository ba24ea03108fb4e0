import { posix } from "node:path";
import { extract as readTar } from "tar-stream";
import { tarGuard } from "../symbols/archive/tar-guard.ts";
import { messageOf } from "../system/failure.ts";
import { describeEnd, succeeded } from "../system/process.ts";
import { streamFrom } from "../system/stream-process.ts";

/** A regular file of a tar archive. `read` gives its bytes, or null when there are more than `maxBytes`. */
export type TarFile = { readonly name: string; readonly read: (maxBytes: number) => Promise<Buffer | null> };

const deadlineMs = 30 * 60_000;
const maxMembers = 2_000_000;
const maxNameLength = 4096;
// Source shrinks to a tenth or so; what shrinks to less than a hundredth was made to grow.
const freeBytes = 256 * 1024 * 1024;
const maxExpansion = 100;
const maxBytes = 64 * 1024 ** 3;

/**
 * Shows every regular file of a compressed tar archive, in constant memory. A name never becomes a path of ours; links,
 * devices and folders are passed over, and so are names that lead upwards.
 *
 * @returns why the archive cannot be read to its end, or null when it was.
 */
export async function walkTar(
  archive: { readonly path: string; readonly sizeBytes: number },
  signal: AbortSignal,
  visit: (file: TarFile) => Promise<void>,
): Promise<string | null> {
  const limit = Math.min(maxBytes, Math.max(freeBytes, archive.sizeBytes * maxExpansion));
  // apt's own reader knows every compression of source packages, by the ending of the name.
  const command = ["/usr/lib/apt/apt-helper", "cat-file", archive.path] as const;
  const unpacking = streamFrom([...command], { deadlineMs, maxBytes: limit, signal });
  const members = readTar();
  const guard = tarGuard();
  guard.on("error", (error) => members.destroy(error));
  unpacking.stdout.pipe(guard).pipe(members);
  let fault: string | null = null;
  try {
    await visitAll(members, visit);
  } catch (error) {
    if (!(error instanceof BadArchive) && !isTarError(error)) throw error;
    fault = messageOf(error);
  } finally {
    if (fault !== null) unpacking.stop();
  }
  const result = await unpacking.ended;
  signal.throwIfAborted();
  if (fault !== null) return fault;
  return succeeded(result) ? null : `${describeEnd(result)} ${result.stderr.trim()}`.trim();
}

class BadArchive extends Error {}

// tar-stream and the guard throw plain errors; those of our own disk carry a code.
function isTarError(error: unknown): boolean {
  return error instanceof Error && (!("code" in error) || String(error.code).startsWith("ERR_STREAM"));
}

async function visitAll(members: ReturnType<typeof readTar>, visit: (file: TarFile) => Promise<void>): Promise<void> {
  let seen = 0;
  for await (const member of members) {
    seen += 1;
    if (seen > maxMembers) throw new BadArchive(`it has more than ${maxMembers} members`);
    const name = plainName(member.header.name);
    if (name !== null && member.header.type === "file") await visit({ name, read: (max) => bytesOf(member, max) });
    member.resume();
  }
}

function plainName(name: string): string | null {
  if (name.length > maxNameLength) return null;
  const normal = posix.normalize(name).replace(/^\/+/, "");
  return normal === "." || normal === ".." || normal.startsWith("../") ? null : normal;
}

// A member's content has to be read to its end, or the next member never comes.
async function bytesOf(member: AsyncIterable<unknown>, max: number): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of member) {
    size += (piece as Buffer).length;
    if (size <= max) pieces.push(piece as Buffer);
  }
  return size <= max ? Buffer.concat(pieces) : null;
}
