import { cp, lstat, mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nativeArchitecture } from "./architecture.ts";
import type { BuiltPackage } from "./package.ts";
import { tool } from "./tool.ts";

// The smallest release that is a real one: real dpkg and apt set it up, real maintainer scripts run in it, and its gdb is a
// real gdb. The programs are this machine's own, in three packages: what dpkg, package scripts and the jail need, apt, gdb.

const shellPrograms = [
  ..."bash cat chmod chown cp cut dash date dd df diff dirname echo env expr false find grep gzip head id install".split(
    " ",
  ),
  ..."ldconfig ln ls mkdir mktemp mv prlimit readlink rm rmdir sed sh sleep sort stat sync tail tar test touch tr true".split(
    " ",
  ),
  ..."uname wc xz zstd dpkg dpkg-deb dpkg-divert dpkg-query dpkg-split dpkg-statoverride dpkg-trigger".split(" "),
  ..."start-stop-daemon update-alternatives iconv".split(" "),
];

const baseFolders = [
  "proc",
  "dev",
  "run",
  "sys",
  "tmp",
  "root",
  "etc/dpkg/dpkg.cfg.d",
  "usr/local",
  "usr/src",
  "var/log",
];

export type TinyRelease = {
  /** Its system: `base-files`, `apt`, `gdb`. */
  readonly base: readonly BuiltPackage[];
  /** The first version of `lab-tool`. */
  readonly tool: BuiltPackage;
};

/**
 * Packages a tiny release. Its gdb depends on `lab-tool`, so that there is a package in every system which a test can
 * publish anew, with whatever scripts (`labTool`).
 */
export async function packageTinyRelease(folder: string): Promise<TinyRelease> {
  const trees = join(folder, "trees");
  const base = join(trees, "base-files");
  await mkdir(join(base, "usr"), { recursive: true });
  // As on a merged-/usr system: /bin -> usr/bin and so on.
  for (const name of ["bin", "sbin", "lib", "lib64"]) await tool(["ln", "-s", `usr/${name}`, join(base, name)]);
  for (const name of ["bin", "sbin", "lib", "lib64", ...baseFolders.map((each) => `../${each}`)]) {
    await mkdir(join(base, "usr", name), { recursive: true });
  }
  await takePrograms(shellPrograms, base);
  await takePaths(["/usr/share/dpkg", "/usr/lib/locale/C.utf8", ...(await charsets())], base);
  await writeFile(join(base, "etc/passwd"), "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n");
  await writeFile(join(base, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
  const apt = join(trees, "apt");
  await takePrograms(["apt-get", "apt-cache", "apt-config"], apt, [base]);
  await takePaths(["/usr/lib/apt/methods/file", "/usr/lib/apt/methods/copy", "/usr/lib/apt/methods/store"], apt);
  await takeLibraries([join(apt, "usr/lib/apt/methods/store")], apt, [base]);
  for (const name of [
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "var/lib/apt/lists/partial",
    "var/cache/apt/archives/partial",
    "var/log/apt",
  ]) {
    await mkdir(join(apt, name), { recursive: true });
  }
  const gdb = join(trees, "gdb");
  await takePrograms(["gdb"], gdb, [base, apt]);
  await takePython(gdb, [base, apt]);
  await takeThreadLibrary(gdb);
  const debs = join(folder, "debs");
  return {
    base: [
      await packTree("base-files", base, debs, ["Essential: yes"], new Map()),
      await packTree("apt", apt, debs, ["Pre-Depends: base-files"], new Map()),
      await packTree("gdb", gdb, debs, ["Depends: lab-tool"], new Map()),
    ],
    tool: await labTool("1.0", folder),
  };
}

export type Scripts = ReadonlyMap<"preinst" | "postinst" | "prerm", string>;

/** A version of `lab-tool`, with maintainer scripts (sh, without the first line) and further files by path. */
export async function labTool(
  version: string,
  folder: string,
  scripts: Scripts = new Map(),
  files: ReadonlyMap<string, string> = new Map(),
): Promise<BuiltPackage> {
  const tree = join(folder, "trees", `lab-tool_${version}`);
  for (const [path, text] of new Map([["/usr/share/lab-tool/version", `${version}\n`], ...files])) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  return await packTree("lab-tool", tree, join(folder, "debs"), [], scripts, version);
}

async function packTree(
  name: string,
  tree: string,
  debs: string,
  fields: readonly string[],
  scripts: Scripts,
  version = "1.0",
): Promise<BuiltPackage> {
  const architecture = await nativeArchitecture();
  const control = [
    ...[`Package: ${name}`, `Version: ${version}`, `Architecture: ${architecture}`, "Section: admin"],
    ...["Priority: required", "Maintainer: Crash Digger Lab <lab@archive.example>", ...fields],
    `Description: ${name} of a tiny release, made for a test\n`,
  ];
  await mkdir(join(tree, "DEBIAN"), { recursive: true, mode: 0o755 });
  await writeFile(join(tree, "DEBIAN/control"), control.join("\n"));
  for (const [script, text] of scripts) {
    await writeFile(join(tree, "DEBIAN", script), `#!/bin/sh\nset -e\n${text}\n`, { mode: 0o755 });
  }
  await mkdir(debs, { recursive: true });
  const path = join(debs, `${name}_${version}_${architecture}.deb`);
  await tool(["dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, path]);
  return { path, name, version, architecture, source: name };
}

async function takePrograms(names: readonly string[], tree: string, besides: readonly string[] = []): Promise<void> {
  const taken: string[] = [];
  for (const name of names) {
    const found = await findProgram(name);
    const place = join(tree, found.folder, name);
    await mkdir(dirname(place), { recursive: true });
    await cp(found.path, place, { dereference: true });
    taken.push(place);
  }
  await takeLibraries(taken, tree, besides);
}

async function findProgram(name: string): Promise<{ readonly path: string; readonly folder: string }> {
  for (const folder of ["usr/bin", "usr/sbin"]) {
    for (const path of [`/${folder}/${name}`, `/${folder.slice(4)}/${name}`]) {
      const real = await realpath(path).catch(() => null);
      if (real !== null) return { path: real, folder };
    }
  }
  throw new Error(`the tiny release needs ${name}, which this machine does not have`);
}

// `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and the loader `/lib64/ld-linux-x86-64.so.2 (0x…)`.
async function takeLibraries(programs: readonly string[], tree: string, besides: readonly string[]): Promise<void> {
  const lines = (await tool(["ldd", ...programs]).catch(() => Buffer.alloc(0))).toString("utf8").split("\n");
  const paths = new Set(lines.flatMap((line) => /(?:=> |^\s)(\/\S+) \(0x/.exec(line)?.[1] ?? []));
  for (const path of paths) {
    const place = path.startsWith("/usr/") ? path : `/usr${path}`;
    const own = join(tree, place);
    if ((await Promise.all([tree, ...besides].map((each) => isThere(join(each, place))))).includes(true)) continue;
    await mkdir(dirname(own), { recursive: true });
    await cp(path, own, { dereference: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

async function takePaths(paths: readonly string[], tree: string): Promise<void> {
  for (const path of paths) {
    if (await isThere(path)) await cp(path, join(tree, path), { recursive: true, verbatimSymlinks: true });
  }
}

// What gdb converts between for wide characters; the rest of them is 8 MB.
async function charsets(): Promise<readonly string[]> {
  const [folder = ""] = (await tool(["sh", "-c", "ls -d /usr/lib/*-linux-gnu*/gconv"])).toString("utf8").split("\n");
  return ["gconv-modules", "gconv-modules.d", "gconv-modules.cache", "UTF-16.so", "UTF-32.so"].map((name) =>
    join(folder, name),
  );
}

// gdb loads it by name, to tell threads as the C library does. On Debian it comes with libc6.
async function takeThreadLibrary(tree: string): Promise<void> {
  const [path = ""] = (await tool(["sh", "-c", "ls /usr/lib/*-linux-gnu*/libthread_db.so.1"]))
    .toString("utf8")
    .split("\n");
  await mkdir(dirname(join(tree, path)), { recursive: true });
  await cp(path, join(tree, path), { dereference: true });
}

const notNeeded =
  /^(?:test|idlelib|lib2to3|tkinter|turtledemo|distutils|ensurepip|unittest|pydoc_data|__pycache__|config-.*|EXTERNALLY-MANAGED)$/;

// The interpreter that gdb is linked with, without what a gdb never loads.
async function takePython(tree: string, besides: readonly string[]): Promise<void> {
  const libraries = await tool(["ldd", join(tree, "usr/bin/gdb")]);
  const version = /libpython(3\.\d+)\.so/.exec(libraries.toString("utf8"))?.[1];
  if (version === undefined) throw new Error("this machine's gdb has no Python");
  const folder = `/usr/lib/python${version}`;
  const filter = (path: string): boolean => !path.split("/").some((part) => notNeeded.test(part));
  await cp(folder, join(tree, folder), { recursive: true, dereference: true, filter });
  await takePaths(["/usr/share/gdb/python", "/usr/share/gdb/syscalls"], tree);
  const modules = (await readdir(join(tree, folder, "lib-dynload"))).filter((name) => name.endsWith(".so"));
  await takeLibraries(
    modules.map((name) => join(tree, folder, "lib-dynload", name)),
    tree,
    besides,
  );
}
