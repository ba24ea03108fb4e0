import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SymbolCacheOptions } from "../../../src/symbols/cache/symbol-cache.ts";
import type { ResolvedModule } from "../../../src/symbols/types.ts";
import { addPackages, publish, removePackage } from "../../lab/archive.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { moduleAt, neverAborted, type SymbolsWorld, symbolsOver, symbolsWorld } from "./symbols-world.ts";

let folder: TemporaryFolder;
let world: SymbolsWorld;
let workers: PackagedProgram;
let inlined: PackagedProgram;
let caches = 0;
let nowMs: number;

beforeAll(async () => {
  folder = await temporaryFolder("absences");
  const version = "1.0-1";
  const build = (name: string) =>
    packageProgram({ name, version, sources: [`${name}.c`], installedPath: `/usr/bin/${name}` }, folder.path);
  workers = await build("workers");
  inlined = await build("inlined");
  world = await symbolsWorld([workers.package, inlined.package]);
});

beforeEach(() => {
  caches += 1;
  nowMs = Date.now();
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await folder?.remove();
});

const clock = { now: () => new Date(nowMs), monotonicMs: () => 0 };

// A process of its own each time: nothing is remembered but what is in the cache.
async function find(
  wanted: readonly [string, string][],
  packages: readonly string[] = [],
  options: Partial<Omit<SymbolCacheOptions, "folder">> = {},
): Promise<{ readonly found: readonly ResolvedModule[]; readonly requests: number }> {
  const cacheFolder = join(folder.path, `cache-${caches}`);
  const { symbols, cache } = await symbolsOver(world.configFolder, cacheFolder, { clock, ...options });
  const before = world.server.hits().length;
  const modules = wanted.map(([path, buildId]) => moduleAt(path, buildId));
  const found = await symbols.find(modules, world.hints(...packages), neverAborted);
  await cache[Symbol.asyncDispose]();
  return { found, requests: world.server.hits().length - before };
}

function withoutSymbols(): readonly [string, string][] {
  return [["/usr/bin/workers", workers.split.buildId]];
}

const nowhere: readonly [string, string][] = [["/opt/own/program", "00112233445566778899"]];

test("a module whose debug symbols nobody has is asked for once, and not again while that is fresh", async () => {
  const first = await find(withoutSymbols());
  expect(first.found).toMatchObject([{ fidelity: { status: "no-debug-symbols" } }]);
  expect(first.requests).toBeGreaterThan(0);
  const second = await find(withoutSymbols());
  expect(second.found).toEqual(first.found);
  expect(second.requests).toBe(0);
});

test("so is a program that no package ships, with its Contents list", async () => {
  const first = await find(nowhere);
  expect(first.found).toMatchObject([{ fidelity: { status: "not-packaged" } }]);
  const second = await find(nowhere);
  expect(second).toEqual({ found: first.found, requests: 0 });
});

test("when it has expired, and when the clock was set back, the archive is asked again", async () => {
  await find(withoutSymbols());
  nowMs += 3600_000 - 1;
  expect((await find(withoutSymbols())).requests).toBe(0);
  nowMs += 1;
  expect((await find(withoutSymbols())).requests).toBeGreaterThan(0);
  nowMs -= 7200_000;
  expect((await find(withoutSymbols())).requests).toBeGreaterThan(0);
});

test("with a negative_ttl_s of 0 nothing is remembered, nor believed", async () => {
  await find(withoutSymbols());
  expect((await find(withoutSymbols(), [], { negativeTtlMs: 0 })).requests).toBeGreaterThan(0);
});

test("another module that has to be asked for brings new lists, and what they show is found", async () => {
  await find(withoutSymbols());
  await addPackages(world.lab, [workers.debugPackage, inlined.debugPackage]);
  await publish(world.lab);
  try {
    expect((await find(withoutSymbols())).requests).toBe(0);
    const both = await find([...withoutSymbols(), ["/usr/bin/inlined", inlined.split.buildId]]);
    expect(both.found).toMatchObject([{ fidelity: { status: "matched" } }, { fidelity: { status: "matched" } }]);
  } finally {
    for (const each of [workers.debugPackage, inlined.debugPackage]) {
      await removePackage(world.lab, each);
    }
    await publish(world.lab);
  }
});

test("what new lists did not outdate is not asked again with the others", async () => {
  await find(nowhere);
  const others: readonly [string, string][] = [["/usr/bin/workers", workers.split.buildId]];
  const { cache } = await symbolsOver(world.configFolder, join(folder.path, `cache-${caches}`), { clock });
  const contents = () => world.server.hits(/Contents/).length;
  const before = contents();
  expect((await find([...nowhere, ...others])).found).toMatchObject([
    { fidelity: { status: "not-packaged" } },
    { fidelity: { status: "no-debug-symbols" } },
  ]);
  expect(contents()).toBe(before);
  expect(await cache.absences.count()).toMatchObject({ fresh: 3 });
});

test("lists that another process updated outdate it", async () => {
  await find(withoutSymbols());
  await addPackages(world.lab, [workers.debugPackage]);
  await publish(world.lab);
  try {
    const { archive } = await symbolsOver(world.configFolder, join(folder.path, `cache-${caches}`), { clock });
    const { release, architecture } = world.hints();
    expect((await archive.buildIdsKnown(release, architecture, [workers.split.buildId], neverAborted)).size).toBe(1);
    expect((await find(withoutSymbols())).found).toMatchObject([{ fidelity: { status: "matched" } }]);
  } finally {
    await removePackage(world.lab, workers.debugPackage);
    await publish(world.lab);
  }
});

test("package sources that a person has changed outdate it", async () => {
  await find(withoutSymbols());
  expect((await find(withoutSymbols())).requests).toBe(0);
  const files = await readdir(world.configFolder, { recursive: true });
  const sources = files.find((name) => /\.(?:list|sources)$/.test(name)) ?? "";
  await appendFile(join(world.configFolder, sources), "\n");
  expect((await find(withoutSymbols())).requests).toBeGreaterThan(0);
});

test("a hostile report does not answer for an honest one", async () => {
  const hostile = await find([["/nonsense/path", inlined.split.buildId]], ["inlined=1.0-1"]);
  expect(hostile.found).toMatchObject([{ executablePath: null }]);
  const { found } = await find([["/usr/bin/inlined", inlined.split.buildId]], ["inlined=1.0-1"]);
  expect(found).toMatchObject([{ fidelity: { status: "no-debug-symbols" } }]);
});
