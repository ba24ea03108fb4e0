import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildSysroot } from "../../../src/symbols/sysroot.ts";
import type { ResolvedModule } from "../../../src/symbols/types.ts";
import { packageSharingDebug, type SharingPackage } from "../../lab/dwz-package.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";
import { moduleAt, neverAborted, type SymbolsWorld, symbolsWorld } from "./symbols-world.ts";

let folder: TemporaryFolder;
let world: SymbolsWorld;
let foo: PackagedProgram;
let pair: SharingPackage;
let modules: readonly ResolvedModule[];

const fooPath = "/usr/lib/lab-linux-gnu/libfoo.so.1.0.0";

beforeAll(async () => {
  folder = await temporaryFolder("sysroot");
  const flags = ["-shared", "-fPIC", "-Wl,-soname,libfoo.so.1"];
  const recipe = { name: "libfoo1", version: "1.0-1", sources: ["foo.c"], flags, installedPath: fooPath } as const;
  foo = await packageProgram(recipe, folder.path);
  const programs = [
    { source: "workers.c", installedPath: "/usr/bin/pair-one" },
    { source: "inlined.c", installedPath: "/usr/bin/pair-two" },
  ] as const;
  pair = await packageSharingDebug({ name: "pair", version: "1.0-1", programs }, folder.path);
  world = await symbolsWorld([foo.package, foo.debugPackage, pair.package, pair.debugPackage]);
  const wanted = [
    moduleAt("/usr/bin/pair-one", pair.splits[0]?.buildId ?? "", { isExecutable: true }),
    moduleAt(fooPath, foo.split.buildId, { start: 0x7000n, end: 0x8000n }),
  ];
  modules = await world.symbols.find(wanted, world.hints(), neverAborted);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await folder?.remove();
});

test("a sysroot has each file at the core's path, the other spelling, the linker's name and the soname", async () => {
  const sysroot = join(folder.path, "names");
  const linkNames = [{ name: "/lib/lab-linux-gnu/libfoo-by-link.so", loadAddress: 0x7000n }];
  await buildSysroot(sysroot, modules, { linkNames });
  const library = ["libfoo-by-link.so", "libfoo.so.1", "libfoo.so.1.0.0"];
  expect((await readdir(join(sysroot, "lib/lab-linux-gnu"))).toSorted()).toEqual(library);
  expect((await readdir(join(sysroot, "usr/lib/lab-linux-gnu"))).toSorted()).toEqual(library);
  expect(await readdir(join(sysroot, "bin"))).toEqual(["pair-one"]);
  const inStore = await stat(modules[1]?.executablePath ?? "");
  expect((await stat(join(sysroot, fooPath))).ino).toBe(inStore.ino);
});

// With the dwz file missing, gdb says "could not find '.gnu_debugaltlink' file" and has no symbols at all.
test("gdb reads debug symbols with their shared part from the sysroot alone", async () => {
  const sysroot = join(folder.path, "gdb");
  await buildSysroot(sysroot, modules, { linkNames: [] });
  const output = await tool([
    "gdb",
    ...["-nx", "--batch", "-iex", "set debuginfod enabled off"],
    ...["-ex", `set sysroot ${sysroot}`, "-ex", `set debug-file-directory ${sysroot}/usr/lib/debug`],
    ...["-ex", `file ${sysroot}/usr/bin/pair-one`, "-ex", "info line main", "-ex", "info scope main"],
  ]);
  expect(output.toString("utf8")).toMatch(/Line \d+ of ".*workers\.c"/);
});
