import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nativeArchitecture } from "../../lab/architecture.ts";
import { addPackages, createArchive, publish } from "../../lab/archive.ts";
import type { Archive } from "../../lab/archive-layout.ts";
import { buildPackage } from "../../lab/package.ts";
import { privateApt } from "../../lab/private-apt.ts";
import { fewOf } from "../../lab/random.ts";
import { type Fault, startServer } from "../../lab/server.ts";
import { writeReleaseFolder } from "../../lab/sources.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";

let folder: TemporaryFolder;
let archive: Archive;
let architecture: string;
let rootCount = 0;

beforeAll(async () => {
  folder = await temporaryFolder("lab-faults");
  architecture = await nativeArchitecture();
  archive = await createArchive(join(folder.path, "archive"), {
    suite: "lab",
    codename: "lab",
    architectures: [architecture],
  });
  const files = new Map([["/usr/share/paper/sheet", { text: "paper\n" }]]);
  const paper = { name: "paper", version: "1.0-1", architecture, files };
  await addPackages(archive, [await buildPackage(paper, join(folder.path, "debs"))]);
  await publish(archive);
});

afterAll(() => folder?.remove());

async function newApt(uri: string) {
  rootCount += 1;
  const config = join(folder.path, `config-${rootCount}`);
  const sources = [{ archive, uri }];
  const releaseFolder = await writeReleaseFolder(config, { release: "Lab 1", codename: "lab", sources });
  return privateApt(join(folder.path, `apt-${rootCount}`), releaseFolder, architecture);
}

const seenByUpdate: [string, Fault, RegExp][] = [
  ["a missing index", { kind: "status", status: 404 }, /404\s+Not Found/],
  ["a mirror that is down", { kind: "status", status: 503 }, /503\s+Service Unavailable/],
  ["wrong bytes", { kind: "wrong-bytes" }, /Hash Sum mismatch/],
  [
    "a cut-off body",
    { kind: "truncated" },
    /Connection failed|Error reading from server|unexpected size|Undetermined Error/,
  ],
  [
    "another body",
    { kind: "other-body", body: Buffer.from("<html>Please log in</html>") },
    /unexpected size|Hash Sum mismatch/,
  ],
  ["a hanging server", { kind: "hang" }, /timed out|Connection failed/],
  ["a server that hangs after its headers", { kind: "hang", afterHeaders: true }, /timed out/],
  ["two addresses that redirect to each other", { kind: "redirect-loop" }, /Redirection loop/],
  ["a reset connection", { kind: "reset" }, /Connection reset|Error reading from server|Connection failed/],
];

test.each(fewOf(seenByUpdate, 3))("apt-get update fails on %s", async (_, fault, complaint) => {
  await using server = await startServer(archive.folder);
  server.misbehave(/\/Packages/, fault);
  const apt = await newApt(server.url);
  const update = await apt.update();
  expect(update.exitCode).toBe(100);
  expect(update.stderr).toMatch(complaint);
  expect(server.hits(/\/Packages/)).not.toEqual([]);
});

test.each(fewOf(seenByUpdate, 3))("apt-get download fails on %s", async (_, fault, complaint) => {
  await using server = await startServer(archive.folder);
  server.misbehave(/\.deb/, fault);
  const apt = await newApt(server.url);
  expect(await apt.update()).toMatchObject({ exitCode: 0 });
  const download = await apt.download("paper");
  expect(download.exitCode).toBe(100);
  expect(download.stderr).toMatch(complaint);
});

test("a body that drips arrives whole", async () => {
  await using server = await startServer(archive.folder);
  server.misbehave(/\.deb/, { kind: "drip", bytesPerPiece: 200, pauseMs: 5 });
  const apt = await newApt(server.url);
  expect(await apt.update()).toMatchObject({ exitCode: 0 });
  expect(await apt.download("paper")).toMatchObject({ exitCode: 0, stderr: "" });
});

test("after the times it was told to misbehave the server is well again", async () => {
  await using server = await startServer(archive.folder);
  server.misbehave(/\.deb/, { kind: "status", status: 503 }, { times: 1 });
  const apt = await newApt(server.url);
  expect(await apt.update()).toMatchObject({ exitCode: 0 });
  expect(await apt.download("paper")).toMatchObject({ exitCode: 100 });
  expect(await apt.download("paper")).toMatchObject({ exitCode: 0 });
  expect(server.hits(/\.deb/).map((hit) => hit.status)).toEqual([503, 200]);
});

test("apt follows ever new redirections for as long as they come", async () => {
  await using server = await startServer(archive.folder);
  server.misbehave(/\.deb/, { kind: "redirect-without-end" }, { times: 50 });
  const apt = await newApt(server.url);
  expect(await apt.update()).toMatchObject({ exitCode: 0 });
  expect(await apt.download("paper")).toMatchObject({ exitCode: 100 });
  expect(server.hits(/again-49$/)).toHaveLength(1);
});
