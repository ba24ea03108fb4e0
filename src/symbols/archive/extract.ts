import { rm } from "node:fs/promises";
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

const deadlineMs = 30 * 60_000;
const maxBytes = 64 * 1024 ** 3;
const maxMembers = 500_000;
const maxLinks = 20_000;
const maxNameLength = 4096;
// A wished place may be a symbolic link to another member, that one too: each pass follows one step.
const maxPasses = 3;

/**
 * Streams the wished files out of a .deb or .ddeb. Names in the package are compared with the places that we
 * look for and never become a path on disk; links are followed within the package only.
 *
 * @throws ServiceFailure when the package cannot be read; it is removed then, to be fetched again
 */
export async function extractWishes(packageFile: string, wishes: readonly Wish[], signal: AbortSignal): Promise<void> {
  let open: OpenWishes = new Map(wishes.map((wish) => [wish, new Set(wish.places)]));
  for (let pass = 1; pass <= maxPasses && open.size > 0; pass += 1) {
    const links = await onePass(packageFile, open, signal);
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

async function onePass(packageFile: string, open: OpenWishes, signal: AbortSignal): Promise<Links> {
  const unpacking = streamFrom(["dpkg-deb", "--fsys-tarfile", packageFile], { deadlineMs, maxBytes, signal });
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
    if (await wish.take(Readable.from(member, { objectMode: false }), name)) open.delete(wish);
    // A member's content can be read once only.
    return;
  }
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

async function unreadable(packageFile: string, result: ProcessResult, fault: unknown): Promise<ServiceFailure> {
  await rm(packageFile, { force: true });
  const why =
    fault === null || !succeeded(result) ? `${describeEnd(result)} ${result.stderr.trim()}` : messageOf(fault);
  return new ServiceFailure(`The package ${packageFile} cannot be unpacked: ${why}`, {
    remedy: "It was removed from the cache and is fetched again by the next batch: run unlock.",
  });
}
