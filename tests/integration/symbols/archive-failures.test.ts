import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { addPackages, publish, removePackage } from "../../lab/archive.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import type { Fault } from "../../lab/server.ts";
import { writeReleaseFolder } from "../../lab/sources.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { moduleAt, neverAborted, release, type SymbolsWorld, symbolsOver, symbolsWorld } from "./symbols-world.ts";

let folder: TemporaryFolder;
let world: SymbolsWorld;
let workers: PackagedProgram;
let cache: string;
let caches = 0;

beforeAll(async () => {
  folder = await temporaryFolder("symbols-failures");
  workers = await packageProgram(
    { name: "workers", version: "1.0-1", sources: ["workers.c"], installedPath: "/usr/bin/workers" },
    folder.path,
  );
  world = await symbolsWorld([workers.package, workers.debugPackage], { isSigned: true });
});

beforeEach(() => {
  caches += 1;
  cache = join(folder.path, `cache-${caches}`);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await folder?.remove();
});

async function find(buildId = workers.split.buildId, configFolder = world.configFolder) {
  const { archive } = await symbolsOver(configFolder, cache);
  const wanted = [{ module: moduleAt("/usr/bin/workers", buildId), needs: ["executable", "debug"] as const }];
  return await archive.find(wanted, world.hints(), neverAborted);
}

async function failure(): Promise<ServiceFailure> {
  try {
    await find();
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceFailure);
    return error as ServiceFailure;
  }
  throw new Error("the search did not fail");
}

async function whileServing(path: RegExp, fault: Fault, work: () => Promise<void>): Promise<void> {
  const recover = world.server.misbehave(path, fault);
  await work().finally(recover);
}

const missing: Fault = { kind: "status", status: 404 };
const wrongIndexes: [string, RegExp, Fault, RegExp][] = [
  ["an InRelease file that is not there", /Release/, missing, /^ {2}E: .*does not have a Release file/m],
  ["a package list that is not there", /Packages|by-hash/, missing, /^ {2}E: Failed to fetch .*404/m],
  ["a package list of the wrong bytes", /Packages|by-hash/, { kind: "wrong-bytes" }, /^ {2}E: /m],
  ["a server error", /./, { kind: "status", status: 503 }, /^ {2}[EW]: .*503/m],
];

test.each(wrongIndexes)("%s stops the search with apt's own words", async (_title, path, fault, words) => {
  await whileServing(path, fault, async () => {
    const { message, remedy } = await failure();
    expect(message).toMatch(/apt-get update for the package sources of Lab 1 .* failed: exit code 100/);
    expect(message).toMatch(words);
    expect(remedy).toContain("unlock");
  });
});

test("an index that was good once does not hide that it cannot be fetched any more", async () => {
  await find();
  await whileServing(/Release/, missing, async () => {
    const { archive } = await symbolsOver(world.configFolder, cache);
    const wanted = [{ module: moduleAt("/usr/bin/other", "00112233445566778899"), needs: ["debug"] as const }];
    await expect(archive.find(wanted, world.hints(), neverAborted)).rejects.toThrow(/apt-get update .* failed/);
  });
});

const wrongPackages: [string, Fault, RegExp][] = [
  ["that is not there", missing, /404/],
  ["that is cut off", { kind: "truncated" }, /^ {2}E: /m],
  ["of the wrong bytes", { kind: "wrong-bytes" }, /Hash Sum mismatch|hash sum/i],
];

test.each(wrongPackages)("a package %s stops the search with apt's own words", async (_title, fault, words) => {
  await whileServing(/\.deb$/, fault, async () => {
    const { message } = await failure();
    expect(message).toMatch(/apt-get download .*workers.* failed: exit code 100/);
    expect(message).toMatch(words);
  });
});

test("after a failure the same cache serves again", async () => {
  await whileServing(/\.deb$/, missing, async () => {
    await failure();
  });
  const [answer] = await find();
  expect(answer).toMatchObject({ executable: { package: "workers=1.0-1" }, absence: null });
});

test("a server that is down stops the search", async () => {
  const elsewhere = join(folder.path, "config-down");
  const sources = [{ archive: world.lab, uri: "http://127.0.0.1:9" }];
  await writeReleaseFolder(elsewhere, { release, codename: "lab", sources });
  await expect(find(undefined, elsewhere)).rejects.toThrow(/E: .*Could not connect|E: Failed to fetch/);
});

test("an unsigned archive, a tampered one and an expired one stop the search", async () => {
  const wrong = [{ signing: "none" }, { signing: "tampered" }, { validUntil: new Date("2020-01-01") }] as const;
  for (const publication of wrong) {
    await publish(world.lab, publication);
    const { message } = await failure().finally(() => publish(world.lab));
    expect(message).toMatch(/is not signed|invalid|BADSIG|expired/i);
  }
});

test("a component that the archive does not have stops the search, though apt only warns", async () => {
  const config = join(folder.path, "config-component");
  const sources = [{ archive: world.lab, uri: world.server.url }];
  const made = await writeReleaseFolder(config, { release, codename: "lab", sources, layout: "sources.list" });
  const line = `deb ${world.server.url} lab main games\n`;
  await writeFile(join(made, "sources.list"), line);
  await expect(find(undefined, config)).rejects.toThrow(/Skipping acquire of configured file/);
});

test("sources that name no archive at all stop the search", async () => {
  const config = join(folder.path, "config-empty");
  const made = await writeReleaseFolder(config, { release, codename: "lab", sources: [], layout: "sources.list" });
  await writeFile(join(made, "sources.list"), "# nothing yet\n");
  await rm(join(made, "sources.list.d"), { recursive: true, force: true });
  await expect(find(undefined, config)).rejects.toThrow(/no package lists/);
});

test("a package that leaves the archive between index and download stops the search", async () => {
  await publish(world.lab);
  await removePackage(world.lab, workers.package);
  try {
    const { message } = await failure();
    expect(message).toMatch(/apt-get download .*404/s);
  } finally {
    await addPackages(world.lab, [workers.package]);
  }
});

test("a core of a machine that the release was never made for is one crash's trouble, not the service's", async () => {
  const { archive } = await symbolsOver(world.configFolder, cache);
  const hints = { ...world.hints(), architecture: "sparc64" };
  const wanted = [{ module: moduleAt("/usr/bin/workers", workers.split.buildId), needs: ["executable"] as const }];
  const reason = "the release's package sources have nothing for sparc64";
  expect(await archive.find(wanted, hints, neverAborted)).toMatchObject([
    { absence: { status: "not-packaged", reason } },
  ]);
  const ids = [workers.split.buildId];
  expect(await archive.buildIdsKnown(hints.release, "sparc64", ids, neverAborted)).toEqual(new Set());
});
