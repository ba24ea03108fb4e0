import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";
import { release, type SymbolsWorld, symbolsWorld } from "./symbols-world.ts";

let folder: TemporaryFolder;
let world: SymbolsWorld;
let workers: PackagedProgram;

beforeAll(async () => {
  folder = await temporaryFolder("symbols-user");
  workers = await packageProgram(
    { name: "workers", version: "1.0-1", sources: ["workers.c"], installedPath: "/usr/bin/workers" },
    folder.path,
  );
  world = await symbolsWorld([workers.package, workers.debugPackage], { isSigned: true });
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await folder?.remove();
});

const source = join(import.meta.dirname, "../../../src");

const program = `
const [configFolder, folder, release, architecture, buildId] = process.argv.slice(2);
const { openSymbolCache } = await import("${source}/symbols/cache/symbol-cache.ts");
const { systemClock } = await import("${source}/system/clock.ts");
const { createArchive } = await import("${source}/symbols/archive/archive.ts");
const { createSymbols } = await import("${source}/symbols/symbols.ts");
const { buildSysroot } = await import("${source}/symbols/sysroot.ts");
const log = { event() {}, detail() {} };
const limits = { maxBytes: 2 ** 30, negativeTtlMs: 0, clock: systemClock };
const cache = await openSymbolCache({ folder, ...limits });
const releases = { kind: "folder", path: configFolder };
const nativeArchitecture = async () => architecture;
const archive = createArchive({ cache, releases, timeoutMs: 60000, nativeArchitecture, log });
const module = { path: "/usr/bin/workers", buildId, start: 1n, end: 2n, isExecutable: true, deleted: false };
const hints = { release, architecture, packages: [] };
const signal = new AbortController().signal;
const found = await createSymbols({ cache, sources: [archive], log }).find([module], hints, signal);
await buildSysroot(folder + "/sysroot", found, { linkNames: [] });
console.log(JSON.stringify({ user: process.getuid(), status: found[0].fidelity.status }));
`;

test("an ordinary user updates, downloads, extracts and links without any right beyond a cache folder", async () => {
  const script = join(folder.path, "find.mjs");
  const cache = join(folder.path, "cache");
  await writeFile(script, program);
  await mkdir(cache);
  await chmod(cache, 0o777);
  const asNobody = process.getuid?.() === 0 ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const { architecture } = world.hints();
  const args = [world.configFolder, cache, release, architecture, workers.split.buildId];
  const output = await tool(["setpriv", ...asNobody, process.execPath, script, ...args]);
  const { user, status } = JSON.parse(output.toString("utf8"));
  expect(user).not.toBe(0);
  expect(status).toBe("matched");
});
