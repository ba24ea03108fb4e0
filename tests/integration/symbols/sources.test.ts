import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";
import { moduleAt, neverAborted, release, symbolsOver, symbolsWorld } from "./symbols-world.ts";

let folder: TemporaryFolder;
let workers: PackagedProgram;

beforeAll(async () => {
  folder = await temporaryFolder("symbols-sources");
  workers = await packageProgram(
    { name: "workers", version: "1.0-1", sources: ["workers.c"], installedPath: "/usr/bin/workers" },
    folder.path,
  );
});
afterAll(() => folder?.remove());

function program() {
  return moduleAt("/usr/bin/workers", workers.split.buildId);
}

test("one Contents list for the whole suite, as Ubuntu has it, serves as well", async () => {
  await using world = await symbolsWorld([workers.package], { contents: "suite" });
  const [found] = await world.symbols.find([program()], world.hints(), neverAborted);
  expect(found?.fidelity).toMatchObject({ status: "no-debug-symbols", executable: { package: "workers=1.0-1" } });
  expect(world.server.hits(/\/lab\/Contents-/).some(({ status }) => status === 200)).toBe(true);
});

test("an archive without any Contents list can still be searched by name", async () => {
  await using world = await symbolsWorld([workers.package], { contents: "none" });
  const { symbols } = await symbolsOver(world.configFolder, join(world.folder, "other"), { negativeTtlMs: 0 });
  const [unknown] = await symbols.find([program()], world.hints(), neverAborted);
  expect(unknown?.fidelity.status).toBe("not-packaged");
  const [found] = await symbols.find([program()], world.hints("workers=1.0-1"), neverAborted);
  expect(found?.fidelity.status).toBe("no-debug-symbols");
});

test("hints are asked for once, and only when the store lacks a file", async () => {
  await using world = await symbolsWorld([workers.package, workers.debugPackage]);
  let asked = 0;
  const later = async () => {
    asked += 1;
    return world.hints("workers=1.0-1");
  };
  const find = async () => (await world.symbols.find([program()], later, neverAborted))[0]?.fidelity.status;
  expect(await find()).toBe("matched");
  expect(asked).toBe(1);
  expect(await find()).toBe("matched");
  expect(asked).toBe(1);
});

test("a release's folder for one architecture goes before its general sources", async () => {
  await using world = await symbolsWorld([workers.package, workers.debugPackage]);
  const general = join(world.configFolder, release);
  const own = join(general, world.hints().architecture);
  await mkdir(own);
  await rename(join(general, "sources.list.d"), join(own, "sources.list.d"));
  await writeFile(join(general, "sources.list"), "deb http://127.0.0.1:9 lab main\n");
  const [found] = await world.symbols.find([program()], world.hints(), neverAborted);
  expect(found?.fidelity.status).toBe("matched");
  // Without it, the general ones would have been asked.
  await rm(own, { recursive: true });
  const { symbols } = await symbolsOver(world.configFolder, join(world.folder, "other"));
  await expect(symbols.find([program()], world.hints(), neverAborted)).rejects.toThrow(/127\.0\.0\.1:9/);
});

test("no hook of the machine's apt runs in an update or a download of ours", async () => {
  await using world = await symbolsWorld([workers.package, workers.debugPackage]);
  const etcApt = join(world.configFolder, release);
  const marks = join(world.folder, "marks");
  await mkdir(join(etcApt, "apt.conf.d"));
  await mkdir(marks);
  const hooks = ["APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success"];
  const lines = [...hooks, "DPkg::Pre-Invoke"].map((hook) => `${hook} {"touch ${marks}/${hook}";};\n`);
  await writeFile(join(etcApt, "apt.conf.d", "99hooks"), lines.join(""));
  const machine = ["bwrap", "--dev-bind", "/", "/", "--bind", etcApt, "/etc/apt"] as const;

  const state = join(world.folder, "apt-state");
  await mkdir(join(state, "lists", "partial"), { recursive: true });
  const options = [`Dir::State=${state}`, `Dir::Cache=${state}`, "APT::Sandbox::User=root"].flatMap((each) => [
    "-o",
    each,
  ]);
  await tool([...machine, "apt-get", ...options, "update"]);
  expect((await readdir(marks)).toSorted()).toEqual(hooks.toSorted());

  for (const name of hooks) await rm(join(marks, name));
  const script = join(import.meta.dirname, "fixtures", "find-system.ts");
  const args = [join(world.folder, "cache"), world.hints().architecture, "/usr/bin/workers", workers.split.buildId];
  const output = await tool([...machine, process.execPath, script, ...args]);
  expect(output.toString("utf8")).toBe("matched\n");
  expect(await readdir(marks)).toEqual([]);
  expect(existsSync(join(world.folder, "cache", "apt"))).toBe(true);
});
