import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile, readBuildId, shareDebug, splitDebug } from "../../lab/build.ts";
import { packageSharingDebug } from "../../lab/dwz-package.ts";
import { buildPackage, debugPathOf } from "../../lab/package.ts";
import { packageProgram } from "../../lab/program.ts";
import { buildRawPackage } from "../../lab/raw-package.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder("lab-package");
});
afterAll(() => folder?.remove());

const workers = {
  name: "workers",
  version: "1:1.0-1",
  sources: ["workers.c"],
  installedPath: "/usr/bin/workers",
} as const;

async function fieldOf(deb: string, field: string): Promise<string> {
  return (await tool(["dpkg-deb", "--field", deb, field])).toString("utf8").trim();
}

async function unpack(deb: string, name: string): Promise<string> {
  const target = join(folder.path, "unpacked", name);
  await mkdir(target, { recursive: true });
  await tool(["dpkg-deb", "--extract", deb, target]);
  return target;
}

test("a program's two packages hold the build-id that readelf shows, and say so", async () => {
  const program = await packageProgram(workers, join(folder.path, "both"));
  const buildId = await readBuildId(program.unstripped);
  expect(buildId).toMatch(/^[0-9a-f]{40}$/);
  const shipped = await unpack(program.package.path, "program");
  expect(await readBuildId(join(shipped, "usr/bin/workers"))).toBe(buildId);
  const debug = await unpack(program.debugPackage.path, "debug");
  expect(await readBuildId(join(debug, debugPathOf(buildId ?? "")))).toBe(buildId);
  expect(await fieldOf(program.debugPackage.path, "Build-Ids")).toBe(buildId);
  expect(await fieldOf(program.debugPackage.path, "Auto-Built-Package")).toBe("debug-symbols");
  expect(await fieldOf(program.package.path, "Version")).toBe("1:1.0-1");
  expect(program.package.path).toMatch(/workers_1\.0-1_[a-z0-9]+\.deb$/);
});

test("the shipped program has no debug information and links to its debug file, which has it", async () => {
  const program = await packageProgram(workers, join(folder.path, "split"));
  const sections = (file: string) => tool(["readelf", "--sections", "--wide", file]).then(String);
  expect(await sections(program.split.stripped)).not.toContain(".debug_info");
  expect(await sections(program.split.stripped)).not.toContain(".symtab");
  expect(await sections(program.split.debugFile)).toContain(".debug_info");
  const link = (await tool(["readelf", "--string-dump=.gnu_debuglink", program.split.stripped])).toString("utf8");
  expect(link).toContain(`${program.split.buildId.slice(2)}.debug`);
});

test("a debug package of the older kind holds its files by path and no ids", async () => {
  const program = await packageProgram({ ...workers, debug: "dbg" }, join(folder.path, "old"));
  expect(program.debugPackage.name).toBe("workers-dbg");
  expect(await fieldOf(program.debugPackage.path, "Build-Ids")).toBe("");
  const debug = await unpack(program.debugPackage.path, "old");
  expect(await readBuildId(join(debug, "usr/lib/debug/usr/bin/workers"))).toBe(program.split.buildId);
});

test("Ubuntu's kind of debug package ends in .ddeb", async () => {
  const recipe = { ...workers, debug: "dbgsym-without-ids", extension: "ddeb" } as const;
  const program = await packageProgram(recipe, join(folder.path, "ubuntu"));
  expect(program.debugPackage.path).toMatch(/workers-dbgsym_1\.0-1_[a-z0-9]+\.ddeb$/);
  expect(await fieldOf(program.debugPackage.path, "Build-Ids")).toBe("");
});

test("the same sources give the same build-id in any folder, another version another one", async () => {
  const make = (name: string, version: number) =>
    compile({
      sources: ["foo.c"],
      output: join(folder.path, name, "libfoo.so.1"),
      flags: ["-shared", "-fPIC", `-DFOO_VERSION=${version}`],
    }).then(readBuildId);
  const [first, again, second] = [await make("first", 1), await make("again", 1), await make("second", 2)];
  expect(again).toBe(first);
  expect(second).not.toBe(first);
  const copied = join(folder.path, "elsewhere", "workers.c");
  await mkdir(join(folder.path, "elsewhere"), { recursive: true });
  await copyFile(join(import.meta.dirname, "../../lab/programs/workers.c"), copied);
  const here = await compile({ sources: ["workers.c"], output: join(folder.path, "here", "workers") });
  const there = await compile({ sources: [copied], output: join(folder.path, "there", "workers") });
  expect(await readBuildId(there)).toBe(await readBuildId(here));
});

test("what two programs have in common moves into a dwz file that both name", async () => {
  const sources = ["workers.c", "asserts.c"] as const;
  const build = (source: string) =>
    compile({ sources: [source], output: join(folder.path, "dwz", source.slice(0, -2)) });
  const [one, two] = [await build(sources[0]), await build(sources[1])];
  const name = "/usr/lib/debug/.dwz/lab/shared.debug";
  const shared = await shareDebug([one, two], join(folder.path, "dwz", "shared.debug"), name);
  for (const binary of [one, two]) {
    const split = await splitDebug(binary, join(folder.path, "dwz"));
    const notes = (await tool(["readelf", "--debug-dump=links", "--wide", split.debugFile])).toString("utf8");
    expect(notes).toContain(name);
    expect(notes.replaceAll(" ", "")).toContain(shared.buildId);
  }
});

test.each(["xz", "gzip", "zstd", "none"] as const)(
  "a package compressed with %s is read by dpkg",
  async (compression) => {
    const files = new Map([
      ["/usr/share/paper/sheet", { text: "paper\n", mode: 0o640 }],
      ["/usr/share/paper/link", { linkTo: "sheet" }],
    ]);
    const recipe = { name: "paper", version: "1.0", architecture: "all", files, compression };
    const built = await buildPackage(recipe, join(folder.path, compression));
    const listing = (await tool(["dpkg-deb", "--contents", built.path])).toString("utf8");
    expect(listing).toMatch(/^-rw-r----- root\/root +6 .* \.\/usr\/share\/paper\/sheet$/m);
    expect(listing).toMatch(/^lrwxrwxrwx root\/root .* \.\/usr\/share\/paper\/link -> sheet$/m);
  },
);

test("a debug package of programs that share debug information holds the shared file too", async () => {
  const built = await packageSharingDebug(
    {
      name: "pair",
      version: "1.0-1",
      programs: [
        { source: "workers.c", installedPath: "/usr/bin/pair-workers" },
        { source: "asserts.c", installedPath: "/usr/bin/pair-asserts" },
      ],
    },
    join(folder.path, "pair"),
  );
  expect(await fieldOf(built.debugPackage.path, "Build-Ids")).toBe(
    built.splits.map((split) => split.buildId).join(" "),
  );
  const debug = await unpack(built.debugPackage.path, "pair");
  expect(await readBuildId(join(debug, built.shared.installedPath))).toBe(built.shared.buildId);
  const shipped = await unpack(built.package.path, "pair-programs");
  expect(await readBuildId(join(shipped, "usr/bin/pair-asserts"))).toBe(built.splits[1]?.buildId);
});

test("a raw package stands in the archive's index as any other, with members that dpkg would not write", async () => {
  const identity = { name: "raw", version: "1.0", architecture: "all", source: "raw" };
  const entries = [{ name: "../../evil", content: Buffer.from("evil\n") }];
  const control = { Maintainer: "Nobody <nobody@archive.example>", "Build-Ids": "0123" };
  const built = await buildRawPackage(identity, control, entries, join(folder.path, "raw"));
  const listing = (await tool(["dpkg-deb", "--contents", built.path])).toString("utf8");
  expect(listing).toContain(" ../../evil");
  const index = (await tool(["apt-ftparchive", "packages", join(folder.path, "raw")])).toString("utf8");
  expect(index).toContain("Package: raw\n");
  expect(index).toContain("Build-Ids: 0123\n");
});
