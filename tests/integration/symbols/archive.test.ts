import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ResolvedModule } from "../../../src/symbols/types.ts";
import { readBuildId } from "../../lab/build.ts";
import { packageSharingDebug, type SharingPackage } from "../../lab/dwz-package.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { moduleAt, neverAborted, type SymbolsWorld, symbolsOver, symbolsWorld } from "./symbols-world.ts";

let folder: TemporaryFolder;
let world: SymbolsWorld;
let workers: PackagedProgram;
let vanished: PackagedProgram;
let newer: PackagedProgram;
let foo: PackagedProgram;
let asserts: PackagedProgram;
let inlined: PackagedProgram;
let pair: SharingPackage;

const fooPath = "/usr/lib/lab-linux-gnu/libfoo.so.1.0.0";
const shared = ["-shared", "-fPIC", "-Wl,-soname,libfoo.so.1"];

beforeAll(async () => {
  folder = await temporaryFolder("symbols-packages");
  const build = (recipe: Parameters<typeof packageProgram>[0]) => packageProgram(recipe, folder.path);
  const recursion = { name: "recursion", sources: ["recursion.c"], installedPath: "/usr/bin/recursion" } as const;
  const version = "1.0-1";
  workers = await build({ name: "workers", version, sources: ["workers.c"], installedPath: "/usr/bin/workers" });
  vanished = await build({ ...recursion, version });
  newer = await build({ ...recursion, version: "2.0-1", flags: ["-O1"] });
  foo = await build({
    name: "libfoo1",
    version,
    sources: ["foo.c"],
    flags: shared,
    installedPath: fooPath,
    debug: "dbg",
  });
  asserts = await build({
    ...{ name: "proofs", version: "1:3.0-1", sources: ["asserts.c"], installedPath: "/bin/asserts" },
    debug: "dbgsym-without-ids",
    extension: "ddeb",
  });
  inlined = await build({
    name: "inlined",
    version,
    sources: ["inlined.c"],
    installedPath: "/usr/libexec/lab/inlined",
  });
  pair = await packageSharingDebug(
    {
      ...{ name: "pair", version },
      programs: [
        { source: await programOfItsOwn("one"), installedPath: "/usr/bin/pair-one" },
        { source: await programOfItsOwn("two"), installedPath: "/usr/bin/pair-two" },
      ],
    },
    folder.path,
  );
  const programs = [workers, newer, foo, asserts];
  world = await symbolsWorld([
    ...programs.flatMap((each) => [each.package, each.debugPackage]),
    inlined.package,
    ...[pair.package, pair.debugPackage],
  ]);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await folder?.remove();
});

// Two programs of the same source and flags have the same build-id, and one would serve for the other.
async function programOfItsOwn(name: string): Promise<string> {
  const path = join(folder.path, `${name}.c`);
  const text = `struct shared_by_both { int first, second; };
    int main(void) { struct shared_by_both ${name}_local = {1, 2}; return ${name}_local.first; }\n`;
  await writeFile(path, text);
  return path;
}

async function findOne(module: ReturnType<typeof moduleAt>, ...packages: readonly string[]): Promise<ResolvedModule> {
  const { symbols } = await symbolsOver(world.configFolder, await emptyFolder());
  const [resolved] = await symbols.find([module], world.hints(...packages), neverAborted);
  if (resolved === undefined) throw new Error("no answer");
  return resolved;
}

let folders = 0;
async function emptyFolder(): Promise<string> {
  folders += 1;
  return join(folder.path, `cache-${folders}`);
}

async function expectMatched(resolved: ResolvedModule, program: PackagedProgram): Promise<void> {
  expect(resolved.fidelity).toMatchObject({ status: "matched", reason: "" });
  expect(await readFile(resolved.executablePath ?? "")).toEqual(await readFile(program.split.stripped));
  expect(await readFile(resolved.debugPath ?? "")).toEqual(await readFile(program.split.debugFile));
}

test("a build-id that the index lists gives program and debug symbols without any hint", async () => {
  const resolved = await findOne(moduleAt("/usr/bin/workers", workers.split.buildId));
  await expectMatched(resolved, workers);
  expect(resolved.fidelity.executable).toMatchObject({ source: "archive", package: "workers=1.0-1" });
  expect(resolved.fidelity.debug).toMatchObject({ source: "archive", package: "workers-dbgsym=1.0-1" });
});

test("a -dbg package with the older layout serves by the name of the package that ships the library", async () => {
  const resolved = await findOne(moduleAt(fooPath, foo.split.buildId), "workers=1.0-1", "libfoo1=1.0-1");
  await expectMatched(resolved, foo);
  expect(resolved.fidelity.debug?.package).toBe("libfoo1-dbg=1.0-1");
});

test("a path that no hint explains is found in the Contents index", async () => {
  await expectMatched(await findOne(moduleAt(fooPath, foo.split.buildId)), foo);
});

test("a program shipped in /bin is found for a core that says /usr/bin", async () => {
  const resolved = await findOne(
    moduleAt("/usr/bin/asserts", asserts.split.buildId, { isExecutable: true }),
    "proofs=1:3.0-1",
  );
  await expectMatched(resolved, asserts);
  expect(resolved.fidelity.debug?.package).toBe("proofs-dbgsym=1:3.0-1");
});

test("of two modules with one path and different build-ids the right one is served, whichever comes first", async () => {
  const right = moduleAt("/usr/bin/asserts", asserts.split.buildId);
  const other = moduleAt("/bin/asserts", "00112233445566778899");
  for (const modules of [
    [right, other],
    [other, right],
  ]) {
    const { symbols } = await symbolsOver(world.configFolder, await emptyFolder());
    const found = await symbols.find(modules, world.hints("asserts=1", "proofs=1:3.0-1"), neverAborted);
    const statuses = new Map(found.map(({ module, fidelity }) => [module, fidelity.status]));
    expect(statuses.get(right)).toBe("matched");
    expect(statuses.get(other)).toBe("wrong-version");
  }
});

test("a program shipped in /usr/bin is found for a core that says /bin", async () => {
  await expectMatched(await findOne(moduleAt("/bin/workers", workers.split.buildId)), workers);
});

test("the shared part of debug symbols (dwz) comes along", async () => {
  const buildId = pair.splits[0]?.buildId ?? "";
  const resolved = await findOne(moduleAt("/usr/bin/pair-one", buildId));
  expect(resolved.fidelity.status).toBe("matched");
  expect(resolved.dwz).toMatchObject({ buildId: pair.shared.buildId, name: pair.shared.installedPath });
  expect(await readBuildId(resolved.dwz?.path ?? "")).toBe(pair.shared.buildId);
});

test("a version that left the archive is gone, and the newer one is never used in its place", async () => {
  const module = moduleAt("/usr/bin/recursion", vanished.split.buildId, { isExecutable: true });
  const resolved = await findOne(module, "recursion=1.0-1");
  expect(newer.split.buildId).not.toBe(vanished.split.buildId);
  expect(resolved).toMatchObject({ executablePath: null, debugPath: null });
  expect(resolved.fidelity).toMatchObject({
    status: "gone",
    versionWanted: "1.0-1",
    versionsAvailable: ["2.0-1"],
    executable: null,
  });
});

test("a rebuilt file of the very version that the report names is refused", async () => {
  const module = moduleAt("/usr/bin/recursion", vanished.split.buildId, { isExecutable: true });
  const resolved = await findOne(module, "recursion=2.0-1");
  expect(resolved).toMatchObject({ executablePath: null, debugPath: null });
  expect(resolved.fidelity).toMatchObject({ status: "wrong-version", versionWanted: "2.0-1" });
});

test("a hint with the wrong version does no harm when the build-id is in the archive", async () => {
  const module = moduleAt("/usr/libexec/lab/inlined", inlined.split.buildId, { isExecutable: true });
  const resolved = await findOne(module, "inlined=0.9-1");
  expect(resolved.fidelity).toMatchObject({ status: "no-debug-symbols" });
  expect(resolved.fidelity.executable?.package).toBe("inlined=1.0-1");
  expect(resolved.fidelity.reason).toContain("no debug package of the release holds this build-id");
});

test("a path that no package ships is not packaged", async () => {
  const resolved = await findOne(moduleAt("/usr/bin/of-our-own", "00112233445566778899"));
  expect(resolved.fidelity).toMatchObject({
    status: "not-packaged",
    reason: "archive: no package of the release ships this path",
  });
});

test("a module without a build-id is not looked for", async () => {
  const asked = world.server.hits().length;
  const resolved = await findOne(moduleAt("/usr/bin/workers", null));
  expect(resolved.fidelity.status).toBe("no-build-id");
  expect(world.server.hits()).toHaveLength(asked);
});

test("what the store has is served without asking the archive", async () => {
  const module = moduleAt("/usr/bin/workers", workers.split.buildId);
  await world.symbols.find([module], world.hints(), neverAborted);
  const asked = world.server.hits().length;
  const [again] = await world.symbols.find([module], world.hints(), neverAborted);
  expect(again?.fidelity.status).toBe("matched");
  expect(world.server.hits()).toHaveLength(asked);
});

test("no package is fetched twice with one cache", async () => {
  const cache = await emptyFolder();
  const first = await symbolsOver(world.configFolder, cache);
  await first.symbols.find([moduleAt("/usr/bin/workers", workers.split.buildId)], world.hints(), neverAborted);
  const fetched = world.server.hits(/workers-dbgsym/).length;
  const apart = await symbolsOver(world.configFolder, await emptyFolder());
  const second = { ...apart, archive: first.archive };
  await second.archive.find(
    [{ module: moduleAt("/usr/bin/workers", workers.split.buildId), needs: ["debug"] }],
    world.hints(),
    neverAborted,
  );
  expect(world.server.hits(/workers-dbgsym/)).toHaveLength(fetched);
});

test("retraces that ask at the same time share updates", async () => {
  const { archive } = await symbolsOver(world.configFolder, await emptyFolder());
  const wanted = [{ module: moduleAt("/usr/bin/workers", workers.split.buildId), needs: ["debug"] as const }];
  const before = world.server.hits(/InRelease/).length;
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => archive.find(wanted, world.hints(), neverAborted)));
  expect(answers.map(([answer]) => answer?.debug?.package)).toEqual(Array(6).fill("workers-dbgsym=1.0-1"));
  // One for those that had asked when the first began, and at most one more for those that came later.
  expect(world.server.hits(/InRelease/).length - before).toBeLessThanOrEqual(2);
});
