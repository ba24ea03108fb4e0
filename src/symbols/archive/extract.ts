import { rm, stat } from "node:fs/promises";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { extract as readTar } from "tar-stream";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import { describeEnd, type ProcessResult, succeeded } from "../../system/process.ts";
import { streamFrom } from "../../system/stream-process.ts";
import { tarGuard } from "./tar-guard.ts";

/** A file that is wanted out of a package. */
export type Wish = {
  /** Paths at which it may lie in the package, without a leading slash, best first. */
  readonly places: readonly string[];
  /** Takes the content; whether it was the right one. Is called for each place that is there, until it was. */
  readonly take: (content: Readable, place: string) => Promise<boolean>;
};

/** The package itself is of no use: damaged, or made to do harm. It was removed from the cache. */
export class UnreadablePackage extends ServiceFailure {}

const deadlineMs = 30 * 60_000;
const maxBytes = 64 * 1024 ** 3;
// Debug symbols shrink to a fifth or a tenth; what shrinks to less than a 500th was made to grow.
const maxExpansion = 500;
const freeBytes = 256 * 1024 * 1024;
// Real packages took 0.08 to 0.12 s of processor time for each MiB of them.
const freeCpuSeconds = 5;
const bytesPerCpuSecond = 1024 * 1024;
const maxMembers = 500_000;
const maxLinks = 20_000;
const maxNameLength = 4096;
// A wished place may be a symbolic link to another member, that one too: each pass follows one step.
const maxPasses = 3;

/**
 * Streams the wished files out of a .deb or .ddeb. Names in the package are compared with the places that we
 * look for and never become a path on disk; links are followed within the package only.
 *
 * @throws UnreadablePackage when the package cannot be read; it is removed then, to be fetched again
 */
export async function extractWishes(packageFile: string, wishes: readonly Wish[], signal: AbortSignal): Promise<void> {
  let open: OpenWishes = new Map(wishes.map((wish) => [wish, new Set(wish.places)]));
  // A package that is not there any more is for dpkg-deb to complain about.
  const { size } = await stat(packageFile).catch(() => ({ size: 0 }));
  for (let pass = 1; pass <= maxPasses && open.size > 0; pass += 1) {
    const links = await onePass(packageFile, size, open, signal);
    open = new Map([...open].map(([wish, places]) => [wish, linkedPlaces(places, links)] as const).filter(hasPlaces));
  }
}

type OpenWishes = Map<Wish, ReadonlySet<string>>;
type Links = Map<string, string>;

function hasPlaces(entry: readonly [Wish, ReadonlySet<string>]): boolean {
  return entry[1].size > 0;
}

function linkedPlaces(places: ReadonlySet<string>, links: Links): ReadonlySet<string> {
  return new Set([...places].map((place) => links.get(place)).filter((target) => target !== undefined));
}

function unpackedLimit(size: number): number {
  return Math.min(maxBytes, Math.max(freeBytes, size * maxExpansion));
}

// dpkg-deb before 1.23.6 spins for ever on a zstd stream that is cut off (CVE-2026-2219).
function cpuSecondsFor(size: number): number {
  return freeCpuSeconds + Math.ceil(size / bytesPerCpuSecond);
}

async function onePass(packageFile: string, size: number, open: OpenWishes, signal: AbortSignal): Promise<Links> {
  const limit = ["prlimit", `--cpu=${cpuSecondsFor(size)}`, "--"] as const;
  const command = [...limit, "dpkg-deb", "--fsys-tarfile", packageFile] as const;
  const unpacking = streamFrom(command, { deadlineMs, maxBytes: unpackedLimit(size), signal });
  const members = readTar();
  const guard = tarGuard();
  guard.on("error", (error) => members.destroy(error));
  unpacking.stdout.pipe(guard).pipe(members);
  let fault: unknown = null;
  const links: Links = new Map();
  try {
    await walk(members, open, links);
  } catch (error) {
    fault = error;
  } finally {
    // Nothing more is wanted of this package: the rest of it need not even be unpacked.
    if (open.size === 0 || fault !== null) unpacking.stop();
  }
  const result = await unpacking.ended;
  if (fault instanceof ServiceFailure) throw fault;
  signal.throwIfAborted();
  if (fault === null && (open.size === 0 || succeeded(result))) return links;
  throw await unreadable(packageFile, result, fault);
}

async function walk(members: ReturnType<typeof readTar>, open: OpenWishes, links: Links): Promise<void> {
  let seen = 0;
  for await (const member of members) {
    seen += 1;
    if (seen > maxMembers) throw new Error(`it has more than ${maxMembers} members`);
    const { type, linkname } = member.header;
    const name = memberName(member.header.name);
    if (name !== null && type === "file") await offer(name, member, open);
    if (name !== null && (type === "symlink" || type === "link") && linkname) remember(links, name, type, linkname);
    if (open.size === 0) return;
    member.resume();
  }
}

async function offer(name: string, member: AsyncIterable<unknown>, open: OpenWishes): Promise<void> {
  for (const [wish, places] of open) {
    if (!places.has(name)) continue;
    const rest = member[Symbol.asyncIterator]();
    if (await wish.take(Readable.from(piecesOf(rest), { objectMode: false }), name)) open.delete(wish);
    // A member's content can be read once only. Whatever was not wanted of it has to pass, or the next member
    // never comes: a member's stream that is destroyed half-read stands still for ever.
    while (open.size > 0 && !(await rest.next()).done);
    return;
  }
}

async function* piecesOf(rest: AsyncIterator<unknown>): AsyncGenerator<unknown> {
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

// The names of a .deb are `./usr/bin/foo`.
function memberName(name: string): string | null {
  if (name.length > maxNameLength) return null;
  const normal = posix.normalize(name).replace(/^\/+/, "");
  return normal === ".." || normal.startsWith("../") ? null : normal;
}

function remember(links: Links, name: string, type: "symlink" | "link", linkname: string): void {
  if (links.size >= maxLinks || linkname.length > maxNameLength) return;
  const from = type === "symlink" ? posix.dirname(`/${name}`) : "/";
  links.set(name, posix.resolve(from, linkname).slice(1));
}

async function unreadable(packageFile: string, result: ProcessResult, fault: unknown): Promise<UnreadablePackage> {
  await rm(packageFile, { force: true });
  // Stopped by ourselves, because of the fault; else dpkg-deb knows better why what it printed made no sense.
  const isOurs = fault !== null && (succeeded(result) || result.stoppedBy === "abort");
  const why = isOurs ? messageOf(fault) : `${describeEnd(result)} ${result.stderr.trim()}`;
  return new UnreadablePackage(`The package ${packageFile} cannot be unpacked: ${why}`, {
    remedy: "It was removed from the cache and is fetched again by the next batch: run unlock.",
  });
}
