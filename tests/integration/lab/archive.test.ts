import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addPackages, createArchive, publish } from "../../lab/archive.ts";
import type { Archive, ArchiveOptions } from "../../lab/archive-layout.ts";
import { buildPackage } from "../../lab/package.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder("lab-archive");
});
afterAll(() => folder?.remove());

async function archiveWith(name: string, options: Partial<ArchiveOptions>): Promise<Archive> {
  const suite = { suite: "stable", codename: "lab", architectures: ["amd64", "arm64"] };
  const archive = await createArchive(join(folder.path, name), { ...suite, ...options });
  for (const [architecture, extension] of [
    ["amd64", "deb"],
    ["arm64", "ddeb"],
    ["all", "deb"],
  ] as const) {
    const files = new Map([[`/usr/share/paper/${architecture}`, { text: "paper\n" }]]);
    const recipe = { name: `paper-${architecture}`, version: "1.0", architecture, section: "text", extension, files };
    await addPackages(archive, [await buildPackage(recipe, join(folder.path, "debs"))]);
  }
  await publish(archive);
  return archive;
}

async function indexes(archive: Archive): Promise<readonly string[]> {
  const entries = await readdir(join(archive.folder, "dists", "stable"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => file.slice(join(archive.folder, "dists", "stable").length + 1)).sort();
}

function text(archive: Archive, path: string): Promise<string> {
  return readFile(join(archive.folder, "dists", "stable", path)).then((bytes) => gunzipSync(bytes).toString("utf8"));
}

test("each architecture has its own packages and those for all, also from .ddeb files", async () => {
  const archive = await archiveWith("two", {});
  const names = async (path: string) => (await text(archive, path)).match(/^Package: .*$/gm);
  expect(await names("main/binary-amd64/Packages.gz")).toEqual(["Package: paper-all", "Package: paper-amd64"]);
  expect(await names("main/binary-arm64/Packages.gz")).toEqual(["Package: paper-all", "Package: paper-arm64"]);
  const contents = await text(archive, "main/Contents-amd64.gz");
  expect(contents).toMatch(/^usr\/share\/paper\/amd64\s+text\/paper-amd64$/m);
  expect(contents).not.toContain("arm64");
});

test("Contents lies beside the components where Ubuntu has it, and may be missing", async () => {
  const ubuntu = await indexes(await archiveWith("ubuntu", { contents: "suite", compressions: ["gz"] }));
  expect(ubuntu).toEqual([
    "Contents-amd64.gz",
    "Contents-arm64.gz",
    "InRelease",
    "Release",
    "Release.gpg",
    "main/binary-amd64/Packages.gz",
    "main/binary-arm64/Packages.gz",
  ]);
  const without = await indexes(await archiveWith("without", { contents: "none" }));
  expect(without.filter((path) => path.includes("Contents"))).toEqual([]);
});

test("indexes that can be fetched by hash are there under their hash", async () => {
  const archive = await archiveWith("hashed", { byHash: true });
  const hashed = (await indexes(archive)).filter((path) => path.includes("by-hash/SHA256/"));
  expect(hashed.length).toBeGreaterThan(4);
  for (const path of hashed) {
    const bytes = await readFile(join(archive.folder, "dists", "stable", path));
    expect(path.endsWith(createHash("sha256").update(bytes).digest("hex"))).toBe(true);
  }
});
