import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addPackages, publish, removePackage } from "../../lab/archive.ts";
import { createCommandLab, withoutSourceLines } from "../../lab/command.ts";
import { crashProgram } from "../../lab/crash-program.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { type BuiltPackage, debugPathOf } from "../../lab/package.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { fewOf } from "../../lab/random.ts";
import { buildRawPackage, type RawEntry } from "../../lab/raw-package.ts";
import { makeReport } from "../../lab/report.ts";
import { tool } from "../../lab/tool.ts";

let lab: Lab<"asserts" | "plugin" | "foo" | "newerFoo">;
let report: string;
let workers: PackagedProgram;
let pwned: string;

beforeAll(async () => {
  lab = await createLab("asserts", "plugin", "foo", "newerFoo");
  workers = lab.programs.workers;
  pwned = join(lab.folder, "pwned");
  report = await reportOf(workers);
  await removePackage(lab.archive, workers.debugPackage);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function reportOf(program: PackagedProgram): Promise<string> {
  const { name, version, installedPath } = program.recipe;
  const core = await crashProgram(program, lab.folder);
  const recipe = { core, executablePath: installedPath, package: `${name} ${version}`, release: lab.release };
  return makeReport(recipe, join(lab.folder, `${name}.crash`));
}

type Retraced = {
  readonly fields: Readonly<Record<string, string>>;
  readonly modules: readonly { readonly path: string; readonly status: string; readonly reason: string }[];
};

async function retrace(path: string): Promise<{ readonly text: string; readonly json: Retraced }> {
  const command = await createCommandLab(lab, withoutSourceLines);
  const result = await command.crashDigger(["retrace", "--json", path]);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const text = result.stdout.toString("utf8");
  return { text, json: JSON.parse(text) };
}

function statusOf(retraced: Retraced, path: string): string | undefined {
  return retraced.modules.find((module) => module.path === path)?.status;
}

/** Puts a debug package with these members in the place of the real one, for as long as the work takes. */
async function withDebugPackage<T>(entries: readonly RawEntry[], work: () => Promise<T>): Promise<T> {
  const { path: _, ...identity } = workers.debugPackage;
  const control = { Maintainer: "Nobody <nobody@archive.example>", "Build-Ids": workers.split.buildId };
  const evil = await buildRawPackage(identity, control, entries, join(lab.folder, "evil"));
  return withPackage(evil, work);
}

async function withPackage<T>(built: BuiltPackage, work: () => Promise<T>): Promise<T> {
  await addPackages(lab.archive, [built]);
  await publish(lab.archive);
  try {
    return await work();
  } finally {
    await removePackage(lab.archive, built);
    await publish(lab.archive);
  }
}

function place(): string {
  return `.${debugPathOf(workers.split.buildId)}`;
}

const content = Buffer.from("owned\n");
const members: [string, () => readonly RawEntry[]][] = [
  ["climbs out of its folder", () => [{ name: `${"../".repeat(20)}${pwned.slice(1)}`, content }]],
  ["has absolute names", () => [{ name: pwned, content }]],
  [
    "goes through a link of its own",
    () => [
      { name: "./usr/lib/debug/.build-id", type: "symlink", linkname: lab.folder },
      { name: "./usr/lib/debug/.build-id/pwned", content },
    ],
  ],
  [
    "has a link to a file of ours in place of the debug file",
    () => [{ name: place(), type: "symlink", linkname: "/etc/hostname" }],
  ],
  [
    "has a hard link to a file of ours in place of the debug file",
    () => [{ name: place(), type: "link", linkname: "/etc/hostname" }],
  ],
  [
    "has a device in place of the debug file",
    () => [{ name: place(), type: "character-device", devmajor: 1, devminor: 5 }],
  ],
  ["has a named pipe in place of the debug file", () => [{ name: place(), type: "fifo" }]],
  ["has text in place of the debug file", () => [{ name: place(), content }]],
];

test.each(fewOf(members, 3))(
  "a debug package that %s does no harm, and the module has no symbols",
  async (_, entries) => {
    const { json } = await withDebugPackage(entries(), () => retrace(report));
    expect(existsSync(pwned)).toBe(false);
    expect(statusOf(json, workers.recipe.installedPath)).toBe("no-debug-symbols");
    expect(json.fields["Stacktrace"]).not.toContain("count_pages");
  },
);

test("a debug file of another program is refused, whatever build-id its package claims", async () => {
  const wrong = await readFile(lab.programs.asserts.split.debugFile);
  const { json } = await withDebugPackage([{ name: place(), content: wrong }], () => retrace(report));
  expect(statusOf(json, workers.recipe.installedPath)).toBe("no-debug-symbols");
  expect(json.fields["Stacktrace"]).not.toContain("withdraw");
});

test("with the right debug file in its place all is well", async () => {
  const right = await readFile(workers.split.debugFile);
  const { json } = await withDebugPackage([{ name: place(), content: right }], () => retrace(report));
  expect(statusOf(json, workers.recipe.installedPath)).toBe("matched");
  expect(json.fields["StacktraceTop"]).toMatch(/^count_pages /);
});

test("a library of another version than the crashed one is never used", async () => {
  const { plugin, foo, newerFoo } = lab.programs;
  const args = [foo.recipe.installedPath];
  const core = await crashProgram(plugin, lab.folder, { arguments: args, libraries: [newerFoo] });
  const recipe = { core, executablePath: plugin.recipe.installedPath, package: "plugin 1.0-1", release: lab.release };
  const path = await makeReport({ ...recipe, dependencies: "libfoo1 2.0-1" }, join(lab.folder, "newer.crash"));
  const { json, text } = await retrace(path);
  expect(["wrong-version", "gone"]).toContain(statusOf(json, foo.recipe.installedPath));
  expect(text).toContain("1.0-1");
  expect(json.fields["Stacktrace"]).not.toContain("foo_read");
  expect(statusOf(json, plugin.recipe.installedPath)).toBe("matched");
});

test("gdb scripts in a program are not run", async () => {
  const name = "scripted";
  const installedPath = join(lab.folder, "opt", "lab", "bin", name);
  const scripted = await packageProgram({ name, version: "1.0-1", sources: ["scripted.c"], installedPath }, lab.folder);
  const willing = ["-nx", "-batch", "-iex", "set auto-load safe-path /", scripted.unstripped];
  expect((await tool(["gdb", ...willing])).toString("utf8")).toContain("script-was-run");
  const crashed = await reportOf(scripted);
  await addPackages(lab.archive, [scripted.package]);
  const { json, text } = await withPackage(scripted.debugPackage, () => retrace(crashed));
  expect(statusOf(json, installedPath)).toBe("matched");
  expect(text).not.toContain("script-was-run");
});
