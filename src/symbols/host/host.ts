import { createReadStream } from "node:fs";
import { posix } from "node:path";
import type { ElfFile } from "../../core/types.ts";
import { elfOf } from "../elf-of.ts";
import { debugFilePlaces, isPlainPath, pathSpellings } from "../module-path.ts";
import type { SymbolStore } from "../store/symbol-store.ts";
import type { FileKind, StoredFile } from "../store/types.ts";
import type { Absence, SourceAnswer, SymbolSource, WantedModule } from "../types.ts";
import { safePath } from "./safe-path.ts";

export type HostOptions = {
  readonly store: SymbolStore;
  /** `/` unless told. */
  readonly root?: string;
  /** What it is called in the record of what it finds: `host` unless told. */
  readonly name?: string;
  /** Which package ships the file at a path below the root, `package=version`; nobody is asked unless told. */
  readonly packageOf?: (place: string) => Promise<string | null>;
};

/**
 * The machine itself: the files that are installed here, where their build-id is the wanted one, and the
 * debug files below /usr/lib/debug. Asks no network.
 */
export function createHostSource(options: HostOptions): SymbolSource {
  const { store, root = "/", name = "host", packageOf = () => Promise.resolve(null) } = options;
  const host: Host = { store, root, name, packageOf };
  return {
    name,
    async find(wanted, _hints, signal) {
      const answers: SourceAnswer[] = [];
      for (const each of wanted) {
        signal.throwIfAborted();
        const answer = await findOne(host, each);
        if (answer !== null) answers.push(answer);
      }
      return answers;
    },
  };
}

type Host = Required<HostOptions>;

async function findOne(host: Host, wanted: WantedModule): Promise<SourceAnswer | null> {
  const { path, buildId } = wanted.module;
  if (buildId === null) return null;
  const wants = new Set(wanted.needs);
  const installed = wants.has("executable") ? await installedFiles(host.root, pathSpellings(path)) : [];
  const match = installed.find((file) => file.elf.buildId === buildId);
  const executable = wants.has("executable") && match ? await take(host, "executable", buildId, match.path) : null;
  const debugLink = match?.elf.debugLink ?? wanted.debugLink ?? null;
  const debug = wants.has("debug") ? await takeDebug(host, path, buildId, debugLink) : null;
  return {
    buildId,
    executable: executable?.provenance ?? null,
    debug: debug?.provenance ?? null,
    absence: absenceOf(wanted, installed, match !== undefined, debug !== null),
  };
}

type Installed = { readonly path: string; readonly elf: ElfFile };

async function installedFiles(root: string, places: readonly string[]): Promise<readonly Installed[]> {
  const found: Installed[] = [];
  for (const place of places) {
    const path = await safePath(root, place);
    const elf = path === null ? null : elfOf(path);
    if (path !== null && elf !== null) found.push({ path, elf });
  }
  return found;
}

async function take(host: Host, kind: FileKind, buildId: string, path: string): Promise<StoredFile | null> {
  const { store, name: source } = host;
  const origin = { source, package: await host.packageOf(inRoot(host.root, path)) };
  const result = await store.add(kind, buildId, createReadStream(path), origin);
  return result.ok ? result.file : null;
}

/** A file's path as the system at the root knows it. */
function inRoot(root: string, path: string): string {
  return path.slice(root === "/" ? 0 : root.length);
}

async function takeDebug(
  host: Host,
  path: string,
  buildId: string,
  debugLink: string | null,
): Promise<StoredFile | null> {
  const places = debugFilePlaces(path, buildId, debugLink).map((place) => `/${place}`);
  for (const candidate of await installedFiles(host.root, places)) {
    if (candidate.elf.buildId !== buildId) continue;
    const taken = await take(host, "debug", buildId, candidate.path);
    if (taken === null) continue;
    await takeShared(host, candidate);
    return taken;
  }
  return null;
}

// The dwz file's name is absolute (/usr/lib/debug/.dwz/…) or relative to the debug file that names it.
async function takeShared(host: Host, debugFile: Installed): Promise<void> {
  const { store, root } = host;
  const link = debugFile.elf.debugAltLink;
  if (link === null || (await store.lookup(link.buildId, "dwz")) !== null) return;
  const place = posix.resolve(posix.dirname(inRoot(root, debugFile.path)), link.name);
  if (!isPlainPath(place) || !place.startsWith("/usr/lib/debug/")) return;
  for (const candidate of await installedFiles(root, [place])) {
    if (candidate.elf.buildId === link.buildId) await take(host, "dwz", link.buildId, candidate.path);
  }
}

function absenceOf(
  wanted: WantedModule,
  installed: readonly Installed[],
  matched: boolean,
  hasDebug: boolean,
): Absence | null {
  const missing = { versionWanted: null, versionsAvailable: [] };
  if (wanted.needs.includes("executable") && !matched) {
    return installed.length === 0
      ? { ...missing, status: "not-packaged", reason: "the file is not installed on this machine" }
      : { ...missing, status: "wrong-version", reason: "another version of the file is installed on this machine" };
  }
  if (!wanted.needs.includes("debug") || hasDebug) return null;
  return { ...missing, status: "no-debug-symbols", reason: "its debug symbols are not installed on this machine" };
}
