import { existsSync } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { neededFiles, packageParts } from "../../src/sources/package-parts.ts";
import { patchedFiles, type TreeText } from "../../src/sources/patched-files.ts";
import { treePlace } from "../../src/sources/source-path.ts";
import type { PackageFile } from "../../src/sources/types.ts";
import { neverAborted } from "../integration/symbols/symbols-world.ts";
import { type RawEntry, tarOf } from "../lab/raw-package.ts";
import { type TemporaryFolder, temporaryFolder } from "../lab/temporary.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder("hostile-sources");
});
afterAll(() => folder?.remove());

const wanted = Buffer.from("int wanted;\n");
const tree: readonly RawEntry[] = [{ name: "foo-1.0/src/x.c", content: wanted }];
const outside = "/tmp/crash-digger-outside.c";
const secret = "root:x:0:0";

/** Reads `./src/x.c`, or another name, out of a source package whose archives are given as bytes. */
async function read(original: Buffer, debian: Buffer, name = "./src/x.c"): Promise<TreeText | undefined> {
  const files: PackageFile[] = [];
  for (const [ending, bytes] of [
    ["1.0.orig.tar.gz", original],
    ["1.0-1.debian.tar.gz", debian],
  ] as const) {
    await writeFile(join(folder.path, `foo_${ending}`), bytes);
    files.push({ name: `foo_${ending}`, sha256: "", sizeBytes: bytes.length });
  }
  const parts = packageParts({ format: "3.0 (quilt)", files });
  const place = treePlace(name, "foo");
  if (parts === null || place === null) throw new Error("not what this test is about");
  expect(neededFiles(parts)).toHaveLength(2);
  const [found] = await patchedFiles(parts, (file) => join(folder.path, file.name), [place], neverAborted);
  expect(await readdir(folder.path)).toHaveLength(2);
  expect(existsSync(outside)).toBe(false);
  return found;
}

async function archive(...entries: readonly RawEntry[]): Promise<Buffer> {
  return gzipSync(await tarOf(entries));
}

function patches(series: string, texts: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const all = Object.entries({ series, ...texts });
  return archive(...all.map(([name, text]) => ({ name: `debian/patches/${name}`, content: Buffer.from(text) })));
}

const none = { kind: "none", reason: "the file is not in the source package" };

test.each<[string, RawEntry]>([
  ["a symbolic link to a file of ours", { name: "foo-1.0/src/x.c", type: "symlink", linkname: "/etc/passwd" }],
  ["a climbing link", { name: "foo-1.0/src/x.c", type: "symlink", linkname: "../../../../../../etc/passwd" }],
  ["a hard link", { name: "foo-1.0/src/x.c", type: "link", linkname: "/etc/passwd" }],
  ["a link in place of its folder", { name: "foo-1.0/src", type: "symlink", linkname: "/etc" }],
  ["a device", { name: "foo-1.0/src/x.c", type: "character-device", devmajor: 1, devminor: 5 }],
  ["a pipe", { name: "foo-1.0/src/x.c", type: "fifo" }],
  ["a name that climbs", { name: "../../../../foo-1.0/src/x.c", content: wanted }],
  ["an absolute name", { name: outside, content: wanted }],
])("%s is not the file", async (_title, entry) => {
  expect(await read(await archive(entry), await patches(""))).toEqual(none);
});

test("a link that stands before the file changes nothing about it", async () => {
  const link: RawEntry = { name: "foo-1.0/src", type: "symlink", linkname: "/tmp" };
  expect(await read(await archive(link, ...tree), await patches(""))).toMatchObject({ text: "int wanted;" });
});

test("a series that climbs reads no patch outside, and a patch that climbs changes nothing outside", async () => {
  const climbing = `--- /dev/null\n+++ ${outside}\n@@ -0,0 +1 @@\n+int outside;\n--- a/../../../../../..${outside}\n+++ b/../../../../../..${outside}\n@@ -0,0 +1 @@\n+int outside;\n`;
  const debian = await patches("../../../../../../etc/passwd\n/etc/passwd\nclimbing.patch\n", {
    "climbing.patch": climbing,
  });
  const found = await read(await archive(...tree), debian);
  expect(found).toEqual({ kind: "text", path: "src/x.c", text: "int wanted;" });
  expect(JSON.stringify(found)).not.toContain(secret);
});

test("patches in a link are none", async () => {
  const debian = await archive({ name: "debian/patches/series", type: "symlink", linkname: "/etc/passwd" });
  expect(await read(await archive(...tree), debian)).toMatchObject({ text: "int wanted;" });
});

test("a file that its own patches do not fit is not shown: its lines would be others", async () => {
  const patch = "--- a/src/x.c\n+++ b/src/x.c\n@@ -1 +1 @@\n-int other;\n+int wanted;\n";
  expect(await read(await archive(...tree), await patches("x.patch\n", { "x.patch": patch }))).toEqual({
    kind: "none",
    reason: "the source package's patches do not fit the file",
  });
});

test("a file that only a patch brings is there", async () => {
  const patch = "--- /dev/null\n+++ b/src/new.c\n@@ -0,0 +1 @@\n+int new;\n";
  const debian = await patches("x.patch # why\n\n", { "x.patch": patch });
  expect(await read(await archive(...tree), debian, "./src/new.c")).toMatchObject({ text: "int new;" });
});

const cannot = { kind: "none", reason: expect.stringContaining("cannot be unpacked: ") };

test("an archive that is cut off, or none, says so", async () => {
  const whole = await archive({ name: "foo-1.0/big", content: Buffer.alloc(100_000, "x") }, ...tree);
  expect(await read(whole.subarray(0, whole.length - 30), await patches(""))).toEqual(cannot);
  expect(await read(gzipSync(Buffer.alloc(4096, "x")), await patches(""))).toEqual(cannot);
  expect(await read(Buffer.from("no archive"), await patches(""))).toEqual(cannot);
});

test("a bomb is put out, and takes no memory", async () => {
  const before = process.memoryUsage.rss();
  // 300 MiB of zeros in 300 kB.
  const bomb = gzipSync(
    Buffer.concat([await header("foo-1.0/src/x.c", 300 * 1024 * 1024), Buffer.alloc(300 * 1024 ** 2)]),
  );
  expect(await read(bomb, await patches(""))).toEqual(cannot);
  expect(process.memoryUsage.rss() - before).toBeLessThan(1500 * 1024 * 1024);
  expect((await stat(join(folder.path, "foo_1.0.orig.tar.gz"))).size).toBeLessThan(1024 * 1024);
});

async function header(name: string, size: number): Promise<Buffer> {
  const whole = await tarOf([{ name, content: Buffer.alloc(1) }]);
  const block = Buffer.from(whole.subarray(0, 512));
  block.write(`${size.toString(8).padStart(11, "0")} `, 124);
  block.write("        ", 148);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

test("as many files of the wanted name as there may be do not fill the memory", async () => {
  const entries = Array.from({ length: 21_000 }, (_, index) => ({ name: `${index}/src/x.c`, content: wanted }));
  expect(await read(await archive(...entries), await patches(""))).toEqual({
    kind: "none",
    reason: expect.stringContaining("too much of it is like what is wanted"),
  });
});
