import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TransientFailure } from "../../../src/system/failure.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { debOf, tarOf } from "../../lab/raw-package.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { type PublishedQuestion, type PublishedWorld, publishedWorld } from "./published-world.ts";

let folder: TemporaryFolder;
let world: PublishedWorld;
let workers: PackagedProgram;
let newer: PackagedProgram;
let oddlyNamed: PackagedProgram;
let caches = 0;

beforeAll(async () => {
  folder = await temporaryFolder("published");
  const recipe = { name: "workers", sources: ["workers.c"], installedPath: "/usr/bin/workers" } as const;
  workers = await packageProgram({ ...recipe, version: "1:1.0-1" }, folder.path);
  newer = await packageProgram({ ...recipe, version: "1:2.0-1", flags: ["-O1"] }, folder.path);
  const odd = { name: "core-things", sources: ["inlined.c"], installedPath: "/usr/bin/inlined" } as const;
  const extension = "ddeb";
  oddlyNamed = await packageProgram({ ...odd, version: "1.0-1", extension }, folder.path);
  const newerOdd = await packageProgram({ ...odd, version: "2.0-1", flags: ["-O1"], extension }, folder.path);
  world = await publishedWorld([newer.package, newer.debugPackage, newerOdd.package, newerOdd.debugPackage]);
  world.publish(workers.package, workers.debugPackage, oddlyNamed.package, oddlyNamed.debugPackage);
});

beforeEach(() => {
  caches += 1;
  world.launchpad.forgetRequests();
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await folder?.remove();
});

function find(question: Partial<PublishedQuestion> = {}) {
  const { buildId } = workers.split;
  const usual = { path: "/usr/bin/workers", buildId, packages: ["workers=1:1.0-1"], cache: `cache-${caches}` };
  return world.find({ ...usual, ...question });
}

test("a version that has left the archive is found where everything published is kept, symbols too", async () => {
  const found = await find();
  expect(found.fidelity).toMatchObject({
    status: "matched",
    reason: "",
    executable: { source: "launchpad", package: "workers=1:1.0-1" },
    debug: { source: "launchpad", package: "workers-dbgsym=1:1.0-1" },
  });
  expect(world.launchpad.hits()).toEqual({
    "GET architecture": 1,
    "GET archive getPublishedBinaries": 2,
    "GET librarian": 2,
    "GET publication binaryFileUrls": 2,
    "GET series list": 1,
  });
  expect(world.launchpad.requests().filter(({ hasAuthorization }) => hasAuthorization)).toEqual([]);
});

test("nobody is asked for what the archive has", async () => {
  const found = await find({ buildId: newer.split.buildId, packages: ["workers=1:2.0-1"] });
  expect(found.fidelity).toMatchObject({ status: "matched", executable: { source: "archive" } });
  expect(world.launchpad.requests()).toEqual([]);
});

test("a package that is named otherwise than its file is found by what the archive ships today", async () => {
  const question = { path: "/usr/bin/inlined", buildId: oddlyNamed.split.buildId };
  const found = await find({ ...question, packages: ["workers=1:1.0-1", "core-things=1.0-1"] });
  expect(found.fidelity).toMatchObject({
    status: "matched",
    executable: { source: "launchpad", package: "core-things=1.0-1" },
    debug: { package: "core-things-dbgsym=1.0-1" },
  });
});

test("a version that was never published is said so, and not asked for again while that is fresh", async () => {
  const first = await find({ packages: ["workers=9.9-9"] });
  expect(first.fidelity).toMatchObject({ status: "gone", versionWanted: "9.9-9" });
  expect(first.fidelity.reason).toContain("launchpad: workers 9.9-9 was never published in Ubuntu 24.04 for");
  world.launchpad.forgetRequests();
  expect((await find({ packages: ["workers=9.9-9"] })).fidelity).toEqual(first.fidelity);
  expect(world.launchpad.requests()).toEqual([]);
  expect((await find()).fidelity.status).toBe("matched");
});

test("a package that was published holds other files than the crash had: refused by their build-id", async () => {
  const buildId = "00112233445566778899aabbccddeeff00112233";
  const found = await find({ buildId });
  expect(found.fidelity.status).toBe("gone");
  expect(found.fidelity.reason).toContain("launchpad: workers 1:1.0-1 does not hold this build-id");
  expect(found.executablePath).toBeNull();
});

// Of which there is no archive here, either.
const noSparc = { release: "Ubuntu 22.04", architecture: "sparc" };

test.each([
  ["another distribution's release", { release: "Debian 12" }, "", 0],
  ["no release at all", { release: "../.. 24.04" }, "", 0],
  ["a release that it does not have", { release: "Ubuntu 1.10" }, "ubuntu has no release Ubuntu 1.10", 1],
  ["an architecture that it does not have", noSparc, "ubuntu has no release Ubuntu 22.04 for sparc", 2],
])("%s is no fault of the service", async (_what, question, reason, requests) => {
  const found = await find(question);
  expect(found.fidelity.status).not.toBe("matched");
  expect(found.fidelity.reason).toContain(reason);
  expect(world.launchpad.requests()).toHaveLength(requests);
});

test("a release with its point release is its series", async () => {
  expect((await find({ release: "Ubuntu 24.04.1" })).fidelity.status).toBe("matched");
});

test.each([
  ["there is no sha256", { kind: "changed-shape", field: "sha256" }],
  [
    "only bare addresses are known",
    { kind: "other-body", body: Buffer.from('["https://archive.example/workers.deb"]') },
  ],
] as const)("a package of which %s is not used", async (_what, fault) => {
  using _fault = misbehave("GET publication binaryFileUrls", fault);
  const { fidelity } = await find();
  expect(fidelity.reason).toContain(
    "nothing says which sha256 the file of workers 1:1.0-1 has, so that it is not used",
  );
  expect(world.launchpad.hits()["GET librarian"]).toBeUndefined();
});

test.each([
  ["other bytes", { kind: "wrong-bytes" }, "its file is refused: "],
  ["too many bytes", { kind: "other-body", body: Buffer.alloc(1024 * 1024) }, "its file is larger than the "],
  [
    "too few bytes",
    { kind: "other-body", body: Buffer.from("!<arch>\n") },
    "its file is refused: 8 bytes with sha256 ",
  ],
] as const)("%s are refused, and nothing of them stays", async (_what, fault, words) => {
  using _fault = misbehave("GET librarian", fault);
  const { fidelity } = await find();
  expect(fidelity).toMatchObject({ status: "gone", executable: null });
  expect(fidelity.reason).toContain(`workers 1:1.0-1: ${words}`);
  expect(await packagesHere()).toEqual([]);
});

test("a download that breaks off is begun again", async () => {
  const stop = world.launchpad.fault({ route: "GET librarian", fault: { kind: "truncated" } });
  expect((await find()).fidelity.status).toBe("matched");
  stop();
  expect(world.launchpad.hits()["GET librarian"]).toBe(3);
});

test.each([
  ["a download breaks off each time", "GET librarian", { kind: "truncated" }],
  ["the service is away", "GET archive getPublishedBinaries", { kind: "status", status: 503 }],
  ["the librarian is away", "GET librarian", { kind: "reset" }],
] as const)("when %s, that passes: no trace without a word", async (_what, route, fault) => {
  using _fault = misbehave(route, fault);
  await expect(find()).rejects.toBeInstanceOf(TransientFailure);
  expect(await packagesHere()).toEqual([]);
});

test("an answer of another shape is a failure of the service that names the field", async () => {
  using _fault = misbehave("GET archive getPublishedBinaries", { kind: "changed-shape", field: "binary_package_name" });
  await expect(find()).rejects.toThrow(/binary_package_name/);
});

test.each([
  ["no package at all", async () => Buffer.from("no package")],
  ["one with a header that wants 2 GiB of memory", hugeHeader],
])("what was published and is %s is told, and the batch goes on", async (_what, bytesOf) => {
  const version = `3.${caches}-1`;
  const path = join(folder.path, `hostile-${caches}.deb`);
  await writeFile(path, await bytesOf());
  world.publish({ ...workers.package, version, path });
  const { fidelity } = await find({ packages: [`workers=${version}`] });
  expect(fidelity.reason).toContain(`launchpad: workers ${version} cannot be unpacked`);
  expect(await packagesHere()).toEqual([]);
});

async function hugeHeader(): Promise<Buffer> {
  const data = await tarOf([{ name: "x", type: "file", content: Buffer.from("x") }]);
  data.write("L", 156);
  data.write("20000000000\0", 124);
  const control = Buffer.from("Package: workers\nVersion: 3\nArchitecture: all\n");
  return debOf({ "control.tar": await tarOf([{ name: "./control", content: control }]), "data.tar": data });
}

function misbehave(route: string, fault: Parameters<typeof world.launchpad.fault>[0]["fault"]): Disposable {
  const stop = world.launchpad.fault({ route, fault, times: Number.POSITIVE_INFINITY });
  return { [Symbol.dispose]: stop };
}

async function packagesHere(): Promise<readonly string[]> {
  const kept = join(world.archive.folder, `cache-${caches}`, "apt", "published", "packages");
  return await readdir(kept).catch(() => []);
}
