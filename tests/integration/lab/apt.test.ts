import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nativeArchitecture } from "../../lab/architecture.ts";
import { addPackages, createArchive, publish, removePackage } from "../../lab/archive.ts";
import type { Archive } from "../../lab/archive-layout.ts";
import { type BuiltPackage, buildPackage } from "../../lab/package.ts";
import { type AptUser, privateApt } from "../../lab/private-apt.ts";
import { type LabServer, startServer } from "../../lab/server.ts";
import { createSigningKey } from "../../lab/signing.ts";
import { type ReleaseFolder, type Trust, writeReleaseFolder } from "../../lab/sources.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";

let folder: TemporaryFolder;
let archive: Archive;
let server: LabServer;
let architecture: string;
let rootCount = 0;

beforeAll(async () => {
  folder = await temporaryFolder("lab-apt");
  architecture = await nativeArchitecture();
  archive = await createArchive(join(folder.path, "archive"), {
    suite: "lab",
    codename: "lab",
    architectures: [architecture],
    byHash: true,
  });
  await addPackages(archive, [await emptyPackage("paper", "1.0-1")]);
  await publish(archive);
  server = await startServer(archive.folder);
});

afterAll(async () => {
  await server?.close();
  await folder?.remove();
});

function emptyPackage(name: string, version: string): Promise<BuiltPackage> {
  const files = new Map([[`/usr/share/${name}/version`, { text: `${version}\n` }]]);
  return buildPackage({ name, version, architecture, files }, join(folder.path, "debs"));
}

async function newApt(release: Partial<ReleaseFolder> = {}, user: AptUser = "self") {
  rootCount += 1;
  const sources = [{ archive, uri: server.url }];
  const config = join(folder.path, `config-${rootCount}`);
  const releaseFolder = await writeReleaseFolder(config, { release: "Lab 1", codename: "lab", sources, ...release });
  return privateApt(join(folder.path, `apt-${rootCount}`), releaseFolder, architecture, user);
}

const users: AptUser[] = process.getuid?.() === 0 ? ["self", "nobody"] : ["self"];

for (const user of users) {
  test(`apt run as ${user} updates and downloads from the lab archive`, async () => {
    const apt = await newApt({}, user);
    expect(await apt.update()).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await apt.download("paper=1.0-1")).toMatchObject({ exitCode: 0, stderr: "" });
    const content = await tool([
      "dpkg-deb",
      "--fsys-tarfile",
      join(apt.root, "downloads", `paper_1.0-1_${architecture}.deb`),
    ]);
    expect(content.toString("latin1")).toContain("usr/share/paper/version");
  });
}

const layouts: [NonNullable<ReleaseFolder["layout"]>, Trust][] = [
  ["sources.list", "trusted-folder"],
  ["sources.list", "signed-by-file"],
  ["list", "signed-by-file"],
  ["deb822", "signed-by-file"],
  ["deb822", "signed-by-inline"],
];

test.each(layouts)("apt trusts the archive by a %s source with %s", async (layout, trust) => {
  const apt = await newApt({ layout, trust });
  expect(await apt.update()).toMatchObject({ exitCode: 0, stderr: "" });
});

test("apt reads the archive from a file: address too", async () => {
  const apt = await newApt({ sources: [{ archive, uri: `file:${archive.folder}` }] });
  expect(await apt.update()).toMatchObject({ exitCode: 0, stderr: "" });
});

test("apt sees a package that is published within the same second as the last publication", async () => {
  const apt = await newApt();
  expect(await apt.update()).toMatchObject({ exitCode: 0 });
  const young = await emptyPackage("young", "2.0-1");
  await addPackages(archive, [young]);
  await publish(archive);
  expect(await apt.update()).toMatchObject({ exitCode: 0 });
  expect(await apt.download("young=2.0-1")).toMatchObject({ exitCode: 0 });
  await removePackage(archive, young);
  await publish(archive);
  expect(await apt.update()).toMatchObject({ exitCode: 0 });
  const gone = await apt.download("young");
  expect(gone.exitCode).toBe(100);
  expect(gone.stderr).toContain("Unable to locate package young");
});

test("apt refuses the archive once it has expired, is unsigned, is signed by a stranger or was tampered with", async () => {
  const stranger = await createSigningKey(join(folder.path, "stranger"));
  const cases = [
    [{ validUntil: new Date(Date.now() - 3_600_000) }, /is expired/],
    [{ signing: "none" }, /is not signed/],
    [{ signing: stranger }, /NO_PUBKEY|Missing key/],
    [{ signing: "tampered" }, /BADSIG|Verification error|is not signed/],
  ] as const;
  const sick = await createArchive(join(folder.path, "sick"), {
    suite: "lab",
    codename: "lab",
    architectures: [architecture],
  });
  for (const [publication, complaint] of cases) {
    await publish(sick, publication);
    const apt = await newApt({ sources: [{ archive: sick, uri: `file:${sick.folder}` }] });
    const update = await apt.update();
    expect(update.exitCode, String(complaint)).toBe(100);
    expect(update.stderr).toMatch(complaint);
  }
  await publish(sick);
  const apt = await newApt({ sources: [{ archive: sick, uri: `file:${sick.folder}` }] });
  expect(await apt.update()).toMatchObject({ exitCode: 0, stderr: "" });
});
