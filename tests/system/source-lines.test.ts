import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publish } from "../lab/archive.ts";
import { poolFolder } from "../lab/archive-layout.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { makeReport } from "../lab/report.ts";
import { addTangleSources, packageTangle } from "../lab/tangle.ts";

let lab: Lab;
let report: string;
let command: CommandLab;

beforeAll(async () => {
  lab = await createLab();
  const { program, one, two } = await packageTangle(lab);
  await addTangleSources(lab, ["one", "two"]);
  await publish(lab.archive);
  const libraries = [one, two];
  const places = libraries.map(({ recipe }) => recipe.installedPath);
  const core = await crashProgram(program, lab.folder, { libraries, arguments: places });
  const { installedPath } = program.recipe;
  const recipe = { core, executablePath: installedPath, package: "tangle 1.0-1", release: lab.release };
  report = await makeReport(recipe, join(lab.folder, "tangle.crash"));
  command = await createCommandLab(lab);
});

afterAll(() => lab[Symbol.asyncDispose]());

async function output(of: CommandLab, ...args: readonly string[]): Promise<string> {
  const result = await of.crashDigger(args);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return result.stdout.toString("utf8");
}

const sourceHits = (): number => lab.server.hits(/\/source\/Sources|\.(?:tar\.[a-z0-9]+|diff\.gz)$/).length;

test("from a batch to show: each frame has the lines of its own project's file", async () => {
  const id = await command.submit(report);
  await output(command, "run");
  const shown = await output(command, "show", String(id));
  // Both have a src/util.c. That of libone was patched before it was compiled: its third line is the fifth then.
  expect(shown).toMatch(/^#0 +two_work .*\n.*\n +3 {2}\{\n +> +4 {2} {4}return \*number; \/\* libtwo's own \*\/\n/m);
  expect(shown).toMatch(
    /^#1 +one_work .*\n.*\n +4 {2}\{\n +> +5 {2} {4}return work\(0\) \+ 1; \/\* libone's own \*\/\n/m,
  );
  expect(shown).toContain("(no source for #2: the archive does not have the source package tangle 1.0-1)");
});

test("StacktraceSource is a field of the crash, and the manifest names the source packages", async () => {
  expect(await output(command, "show", "1", "--field", "StacktraceSource")).toContain(
    "#1  one_work at ./src/util.c:5 [one=1.0-1]\n    1: /* patched in */\n    2:\n    3: int one_work(int (*work)(int *))\n",
  );
  const manifest = JSON.parse(await output(command, "show", "1", "--field", "Manifest.json"));
  expect(manifest.sources).toEqual([
    { package: "two=2.0", files: [{ name: "two_2.0.tar.xz", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
    {
      package: "one=1.0-1",
      files: [
        expect.objectContaining({ name: "one_1.0.orig.tar.xz" }),
        expect.objectContaining({ name: "one_1.0-1.debian.tar.xz" }),
      ],
    },
  ]);
});

test("a second crash needs nothing of the archive, and a replay says the same", async () => {
  const before = lab.server.hits().length;
  expect(await output(command, "retrace", "-s", report)).toContain("> 4:     return *number; /* libtwo's own */");
  expect(lab.server.hits()).toHaveLength(before);
  const manifest = join(lab.folder, "manifest.json");
  const traced = join(lab.folder, "traced.crash");
  await output(command, "retrace", "-o", traced, "--manifest", manifest, report);
  expect(await output(command, "replay", traced, "--manifest", manifest)).toBe("identical\n");
});

test("without source lines nothing is asked for them", async () => {
  const before = sourceHits();
  const own = await createCommandLab(lab);
  expect(await output(own, "retrace", "-s", "--no-stacktrace-source", report)).not.toContain("StacktraceSource");
  const off = await createCommandLab(lab, "[symbols]\nsource_lines = false\n");
  expect(await output(off, "retrace", "-s", report)).not.toContain("StacktraceSource");
  expect(sourceHits()).toBe(before);
});

test("a source package that comes later is used as soon as the archive is asked again", async () => {
  const own = await createCommandLab(lab, "[symbols]\nnegative_ttl_s = 0\n");
  expect(await output(own, "retrace", "-s", report)).toContain("does not have the source package tangle 1.0-1");
  await addTangleSources(lab, ["tangle"]);
  await publish(lab.archive);
  expect(await output(own, "retrace", "-s", report)).toMatch(/ > 6: .* \/\* main's own \*\/$/m);
});

test("damaged and evicted, it is fetched again", async () => {
  const own = await createCommandLab(lab);
  await output(own, "retrace", "-s", report);
  expect(await output(own, "cache", "verify")).toContain("0 damaged");
  expect(await output(own, "cache", "status")).toMatch(/^source +\d+/m);
  await output(own, "cache", "prune", "--max-bytes", "0");
  expect(await output(own, "cache", "status")).toMatch(/^source +0 /m);
  expect(await output(own, "retrace", "-s", report)).toContain("libone's own");
});

test("a listed source package that cannot be fetched stops the batch; mended, the next one goes on", async () => {
  const own = await createCommandLab(lab);
  const id = await own.submit(report);
  const mend = lab.server.misbehave(/two_2\.0\.tar\.xz$/, { kind: "status", status: 404 });
  const failed = await own.crashDigger(["run"]);
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toContain("Fetching the source package two 2.0");
  expect(failed.stderr).toContain("404");
  mend();
  await output(own, "unlock");
  await output(own, "run");
  expect(await output(own, "show", String(id))).toContain("libtwo's own");
});

test("a source package that has left the archive is a note, even if it was listed before", async () => {
  const own = await createCommandLab(lab);
  await output(own, "retrace", "-s", report);
  const folder = poolFolder(lab.archive, "main", "two");
  for (const name of await readdir(folder)) if (name.startsWith("two_")) await rm(join(folder, name));
  await publish(lab.archive);
  // Its texts and files are gone from the cache, its description is not.
  for (const root of await readdir(join(own.cacheFolder, "apt"))) {
    await rm(join(own.cacheFolder, "apt", root, "packages"), { recursive: true });
  }
  for (const name of await readdir(join(own.cacheFolder, "sources"), { recursive: true })) {
    if (/\/[0-9a-f]{64}-[0-9a-f]{64}\.json$/.test(name)) await rm(join(own.cacheFolder, "sources", name));
  }
  const out = await output(own, "retrace", "-s", report);
  expect(out).toContain("[no source: the archive does not have the source package two 2.0]");
  expect(out).toContain("libone's own");
});
