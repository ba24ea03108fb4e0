import { createHash } from "node:crypto";
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Archive } from "./archive-layout.ts";
import { type SigningKey, signRelease } from "./signing.ts";
import { tool } from "./tool.ts";

/** How a publication differs from a healthy one. */
export type Publication = {
  /** Written as Valid-Until; no such line unless told. A past time makes the archive expired. */
  readonly validUntil?: Date;
  /**
   * - `good`: with the archive's key
   * - `none`: no InRelease, no Release.gpg
   * - `tampered`: signed, then changed
   * - a key: signed with that one, which nobody trusts
   */
  readonly signing?: "good" | "none" | "tampered" | SigningKey;
};

/** Writes `dists/` anew beside the old one and puts it in its place. */
export async function writeDists(archive: Archive, publication: Publication): Promise<void> {
  const dists = join(archive.folder, "dists");
  const published = await publicationTime(archive);
  const fresh = join(archive.folder, "dists.new");
  await rm(fresh, { recursive: true, force: true });
  const suiteFolder = join(fresh, archive.options.suite);
  for (const component of archive.options.components) await writePackages(archive, suiteFolder, component);
  for (const component of archive.options.components) await writeSources(archive, suiteFolder, component);
  await writeContents(archive, suiteFolder);
  await writeRelease(archive, suiteFolder, publication);
  if (archive.options.byHash) await writeByHash(suiteFolder);
  await sign(archive, suiteFolder, publication.signing ?? "good");
  for (const file of await filesUnder(suiteFolder)) await utimes(file, published, published);
  await rename(dists, `${fresh}.old`).catch(ignoreMissing);
  await rename(fresh, dists);
  await rm(`${fresh}.old`, { recursive: true, force: true });
}

// HTTP dates have whole seconds. Two publications in one second would carry the same Last-Modified, and
// apt would be told 304 Not Modified for the second: each one is at least a second younger than the last.
async function publicationTime(archive: Archive): Promise<Date> {
  const last = await stat(join(archive.folder, "dists", archive.options.suite, "Release")).catch(ignoreMissing);
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new Date(Math.max(nowSeconds, (last?.mtimeMs ?? 0) / 1000 + 1) * 1000);
}

async function writePackages(archive: Archive, suiteFolder: string, component: string): Promise<void> {
  for (const architecture of archive.options.architectures) {
    const folder = join(suiteFolder, component, `binary-${architecture}`);
    await mkdir(folder, { recursive: true });
    const command = ["apt-ftparchive", "--arch", architecture, "packages", `pool/${component}`] as const;
    await writeIndex(archive, join(folder, "Packages"), await tool(command, { cwd: archive.folder }));
  }
}

// An archive without any source package has no index of them either.
async function writeSources(archive: Archive, suiteFolder: string, component: string): Promise<void> {
  const text = await tool(["apt-ftparchive", "sources", `pool/${component}`], { cwd: archive.folder });
  if (text.length === 0) return;
  const folder = join(suiteFolder, component, "source");
  await mkdir(folder, { recursive: true });
  await writeIndex(archive, join(folder, "Sources"), text);
}

async function writeContents(archive: Archive, suiteFolder: string): Promise<void> {
  const { architectures, components, contents } = archive.options;
  if (contents === "none") return;
  for (const architecture of architectures) {
    if (contents === "suite") {
      await writeIndex(
        archive,
        join(suiteFolder, `Contents-${architecture}`),
        await listContents(archive, architecture, ""),
      );
      continue;
    }
    for (const component of components) {
      const path = join(suiteFolder, component, `Contents-${architecture}`);
      await writeIndex(archive, path, await listContents(archive, architecture, component));
    }
  }
}

// apt-ftparchive names the bare package; Debian's and Ubuntu's files have `section/package`. It opens .deb
// files only for this index, .ddeb files for Packages too.
async function listContents(archive: Archive, architecture: string, component: string): Promise<Buffer> {
  const pool = join("pool", component);
  const where = { cwd: archive.folder };
  const packages = (await tool(["apt-ftparchive", "--arch", architecture, "packages", pool], where)).toString("utf8");
  const sections = new Map(
    packages.split("\n\n").map((stanza) => [fieldOf(stanza, "Package"), fieldOf(stanza, "Section")]),
  );
  const contents = (await tool(["apt-ftparchive", "--arch", architecture, "contents", pool], where)).toString("utf8");
  return Buffer.from(
    contents.replace(/^(.*\s)(\S+)$/gm, (_, path: string, names: string) => {
      return (
        path +
        names
          .split(",")
          .map((name) => `${sections.get(name) ?? "misc"}/${name}`)
          .join(",")
      );
    }),
  );
}

function fieldOf(stanza: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1] ?? "";
}

// The uncompressed index is in Release too, whether or not it is there to be fetched: apt checks both hashes.
async function writeIndex(archive: Archive, path: string, text: Buffer): Promise<void> {
  await writeFile(path, text);
  const { compressions } = archive.options;
  if (compressions.includes("gz")) await writeFile(`${path}.gz`, await promisify(gzip)(text));
  if (compressions.includes("xz")) await tool(["xz", "--keep", "--force", path]);
}

async function writeRelease(archive: Archive, suiteFolder: string, publication: Publication): Promise<void> {
  const { suite, codename, components, architectures, byHash, compressions } = archive.options;
  const fields: Record<string, string> = {
    Origin: "Crash Digger Lab",
    Label: "Crash Digger Lab",
    Suite: suite,
    Codename: codename,
    Architectures: architectures.join(" "),
    Components: components.join(" "),
  };
  if (byHash) fields["Acquire-By-Hash"] = "yes";
  if (publication.validUntil !== undefined) {
    // apt-ftparchive leaves Valid-Until out without a word unless there is a ValidTime too; the former wins then.
    fields["Valid-Until"] = publication.validUntil.toUTCString();
    fields["ValidTime"] = "1";
  }
  const options = Object.entries(fields).flatMap(([name, value]) => [
    "-o",
    `APT::FTPArchive::Release::${name}=${value}`,
  ]);
  const release = await tool(["apt-ftparchive", ...options, "release", suiteFolder]);
  await writeFile(join(suiteFolder, "Release"), release);
  if (compressions.includes("none")) return;
  for (const file of await filesUnder(suiteFolder)) {
    if (/^(Packages|Sources|Contents-[a-z0-9]+)$/.test(basename(file))) await rm(file);
  }
}

async function writeByHash(suiteFolder: string): Promise<void> {
  for (const file of await filesUnder(suiteFolder)) {
    if (basename(file) === "Release") continue;
    const folder = join(dirname(file), "by-hash", "SHA256");
    await mkdir(folder, { recursive: true });
    await cp(
      file,
      join(
        folder,
        createHash("sha256")
          .update(await readFile(file))
          .digest("hex"),
      ),
    );
  }
}

async function sign(
  archive: Archive,
  suiteFolder: string,
  signing: NonNullable<Publication["signing"]>,
): Promise<void> {
  const key = typeof signing === "string" ? archive.key : signing;
  if (signing === "none" || key === null) return;
  const release = join(suiteFolder, "Release");
  await signRelease(key, release, join(suiteFolder, "InRelease"), join(suiteFolder, "Release.gpg"));
  if (signing === "tampered") await tamper(suiteFolder);
}

async function tamper(suiteFolder: string): Promise<void> {
  const inRelease = join(suiteFolder, "InRelease");
  await writeFile(inRelease, (await readFile(inRelease, "utf8")).replace("Label: Crash", "Label: Cradle"));
  await appendFile(join(suiteFolder, "Release"), "Description: not what was signed\n");
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
