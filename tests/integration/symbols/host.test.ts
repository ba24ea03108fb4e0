import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHostSource } from "../../../src/symbols/host/host.ts";
import { createSymbols } from "../../../src/symbols/symbols.ts";
import { silentLog } from "../../../src/system/log.ts";
import { packageSharingDebug, type SharingPackage } from "../../lab/dwz-package.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";
import { moduleAt, neverAborted, openTestCache } from "./symbols-world.ts";

let folder: TemporaryFolder;
let workers: PackagedProgram;
let older: PackagedProgram;
let pair: SharingPackage;
let roots = 0;

beforeAll(async () => {
  folder = await temporaryFolder("host");
  const recipe = { name: "workers", sources: ["workers.c"], installedPath: "/usr/bin/workers" } as const;
  workers = await packageProgram({ ...recipe, version: "1.0-1" }, folder.path);
  older = await packageProgram({ ...recipe, version: "0.9-1", flags: ["-O1"], debug: "dbg" }, folder.path);
  const programs = [
    { source: "asserts.c", installedPath: "/usr/bin/pair-one" },
    { source: "inlined.c", installedPath: "/usr/bin/pair-two" },
  ] as const;
  pair = await packageSharingDebug({ name: "pair", version: "1.0-1", programs }, folder.path);
});

afterAll(() => folder?.remove());

async function machineWith(...packages: readonly string[]): Promise<string> {
  roots += 1;
  const root = join(folder.path, `root-${roots}`);
  await mkdir(root);
  for (const path of packages) await tool(["dpkg-deb", "--extract", path, root]);
  return root;
}

async function findOn(root: string, path: string, buildId: string) {
  const cache = await openTestCache(`${root}-cache`);
  const sources = [createHostSource({ store: cache.store, root })];
  const symbols = createSymbols({ cache, sources, log: silentLog });
  const hints = { release: null, architecture: "amd64", packages: [] };
  return (await symbols.find([moduleAt(path, buildId)], hints, neverAborted))[0];
}

test("installed files with the wanted build-id serve, in either spelling of their path", async () => {
  const root = await machineWith(workers.package.path, workers.debugPackage.path);
  for (const path of ["/usr/bin/workers", "/bin/workers"]) {
    const resolved = await findOn(root, path, workers.split.buildId);
    expect(resolved?.fidelity).toMatchObject({ status: "matched", executable: { source: "host" } });
    expect(resolved?.fidelity.debug).toMatchObject({ source: "host" });
  }
});

test("an installed file of another version does not serve", async () => {
  const root = await machineWith(workers.package.path, workers.debugPackage.path);
  const resolved = await findOn(root, "/usr/bin/workers", older.split.buildId);
  expect(resolved).toMatchObject({ executablePath: null, debugPath: null, fidelity: { status: "wrong-version" } });
});

test("debug files in the older layout serve when their build-id is right", async () => {
  const root = await machineWith(older.package.path, older.debugPackage.path);
  expect((await findOn(root, "/usr/bin/workers", older.split.buildId))?.fidelity.status).toBe("matched");
  const other = await machineWith(workers.package.path, older.debugPackage.path);
  const resolved = await findOn(other, "/usr/bin/workers", workers.split.buildId);
  expect(resolved?.fidelity).toMatchObject({ status: "no-debug-symbols" });
});

test("the shared part of installed debug symbols (dwz) comes along", async () => {
  const root = await machineWith(pair.package.path, pair.debugPackage.path);
  const resolved = await findOn(root, "/usr/bin/pair-one", pair.splits[0]?.buildId ?? "");
  expect(resolved?.fidelity.status).toBe("matched");
  expect(resolved?.dwz?.buildId).toBe(pair.shared.buildId);
});

test("a debug file without its shared part is not called matched", async () => {
  const root = await machineWith(pair.package.path);
  const split = pair.splits[0];
  const place = join(root, "usr/lib/debug/usr/bin/pair-one");
  await mkdir(dirname(place), { recursive: true });
  await copyFile(split?.debugFile ?? "", place);
  const resolved = await findOn(root, "/usr/bin/pair-one", split?.buildId ?? "");
  expect(resolved?.fidelity).toMatchObject({ status: "no-debug-symbols" });
  expect(resolved?.fidelity.reason).toContain("shared part (dwz)");
});
