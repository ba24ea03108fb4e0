import { existsSync } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { extractWishes } from "../../src/symbols/archive/extract.ts";
import { openSymbolStore } from "../../src/symbols/store/symbol-store.ts";
import { ServiceFailure } from "../../src/system/failure.ts";
import { buildIdOf, forgedFile } from "../integration/symbols/forged-files.ts";
import { neverAborted } from "../integration/symbols/symbols-world.ts";
import { debOf, type RawEntry, tarOf } from "../lab/raw-package.ts";
import { type TemporaryFolder, temporaryFolder } from "../lab/temporary.ts";

let folder: TemporaryFolder;
let path: string;
let number = 0;

beforeAll(async () => {
  folder = await temporaryFolder("hostile-packages");
});
beforeEach(() => {
  number += 1;
  path = join(folder.path, `${number}.deb`);
});
afterAll(() => folder?.remove());

const place = "usr/bin/wanted";
const long = process.env["CRASH_DIGGER_LONG"] === "1";
const secret = Buffer.from("a secret");

async function write(data: Buffer, name = "data.tar"): Promise<void> {
  const control = await tarOf([{ name: "./control", content: Buffer.from("Package: x\nVersion: 1\n") }]);
  await writeFile(path, debOf({ "control.tar": control, [name]: data }));
}

type Taken = { readonly place: string; readonly bytes: number };

/** Wishes for one place, and counts what comes without keeping it. */
async function take(): Promise<{ readonly taken: readonly Taken[]; readonly peakBytes: number }> {
  const taken: Taken[] = [];
  const before = process.memoryUsage.rss();
  let peakBytes = 0;
  const consume = async (content: Readable, at: string): Promise<boolean> => {
    let bytes = 0;
    for await (const piece of content) {
      bytes += (piece as Buffer).length;
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss() - before);
    }
    taken.push({ place: at, bytes });
    return false;
  };
  await extractWishes(path, [{ places: [place], take: consume }], neverAborted);
  return { taken, peakBytes };
}

async function refusal(): Promise<string> {
  const error = await take().then(
    () => new Error("the package was read to its end"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ServiceFailure);
  return (error as ServiceFailure).message;
}

const outside = "/tmp/crash-digger-outside";
const harmless: [string, readonly RawEntry[]][] = [
  ["names that climb", [{ name: `${"../".repeat(30)}${place}`, content: secret }]],
  ["names that climb out of the middle", [{ name: `./usr/../../../${place}`, content: secret }]],
  ["absolute names elsewhere", [{ name: outside, content: secret }]],
  ["a link to a file of ours", [{ name: `./${place}`, type: "symlink", linkname: "/etc/hostname" }]],
  ["a climbing link", [{ name: `./${place}`, type: "symlink", linkname: `${"../".repeat(40)}etc/hostname` }]],
  ["a hard link to a file of ours", [{ name: `./${place}`, type: "link", linkname: "/etc/hostname" }]],
  ["a link to itself", [{ name: `./${place}`, type: "symlink", linkname: "wanted" }]],
  ["a character device", [{ name: `./${place}`, type: "character-device", devmajor: 1, devminor: 5 }]],
  ["a block device", [{ name: `./${place}`, type: "block-device", devmajor: 8, devminor: 0 }]],
  ["a named pipe", [{ name: `./${place}`, type: "fifo" }]],
  ["a folder", [{ name: `./${place}`, type: "directory" }]],
  [
    "a folder that is a link, and a file below it",
    [
      { name: "./usr", type: "symlink", linkname: "/tmp" },
      { name: "./usr/bin/other", content: secret },
    ],
  ],
];

test.each(harmless)("%s in place of a file: nothing is taken, nothing appears", async (_title, entries) => {
  await write(await tarOf(entries));
  const before = await readdir(folder.path);
  expect((await take()).taken).toEqual([]);
  expect(await readdir(folder.path)).toEqual(before);
  expect(existsSync(outside)).toBe(false);
});

test("links within the package are followed, but not for ever", async () => {
  const chain = (length: number): readonly RawEntry[] => [
    { name: `./${place}`, type: "symlink", linkname: "link-1" },
    ...Array.from({ length }, (_, index): RawEntry => {
      return { name: `./usr/bin/link-${index + 1}`, type: "symlink", linkname: `link-${index + 2}` };
    }),
    { name: `./usr/bin/link-${length + 1}`, content: secret },
  ];
  await write(await tarOf(chain(1)));
  expect((await take()).taken).toEqual([{ place: "usr/bin/link-2", bytes: secret.length }]);
  await write(await tarOf(chain(20)));
  expect((await take()).taken).toEqual([]);
});

test("a setuid program of root's becomes an ordinary file of ours", async () => {
  await write(await tarOf([{ name: `./${place}`, content: forgedFile(1, 5000), mode: 0o6755, uid: 0, gid: 0 }]));
  const store = await openSymbolStore(join(folder.path, "store"));
  const origin = { source: "test", package: null };
  const add = async (content: Readable) => (await store.add("executable", buildIdOf(1), content, origin)).ok;
  await extractWishes(path, [{ places: [place], take: add }], neverAborted);
  const found = await stat((await store.lookup(buildIdOf(1), "executable"))?.path ?? "");
  expect(found.mode & 0o7777).toBe(0o755);
  expect(found.uid).toBe(process.getuid?.());
});

test("a gigabyte of text in place of a program is refused at its first piece", async () => {
  let asked = 0;
  const endless = Readable.from(
    (function* () {
      for (; asked < 1000; asked += 1) yield Buffer.alloc(1024 * 1024, "text");
    })(),
  );
  const store = await openSymbolStore(join(folder.path, "store"));
  const added = await store.add("executable", buildIdOf(2), endless, { source: "test", package: null });
  expect(added).toMatchObject({ ok: false, refusal: { kind: "not-elf" } });
  expect(asked).toBeLessThan(10);
});

function header(name: string, fields: { readonly size?: string; readonly type?: string } = {}): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write("0000644\0", 100);
  block.write(fields.size ?? "00000000000\0", 124, "latin1");
  block.write("        ", 148);
  block.write(fields.type ?? "0", 156);
  block.write("ustar\u000000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

const end = Buffer.alloc(1024);

test("a file that expands a thousandfold passes in constant memory, and one that goes on is stopped", async () => {
  const bomb = (megabytes: number): Buffer => {
    const size = `${(megabytes * 1024 * 1024).toString(8).padStart(11, "0")}\0`;
    return Buffer.concat([header(`./${place}`, { size }), Buffer.alloc(megabytes * 1024 * 1024), end]);
  };
  await write(zstdCompressSync(bomb(200)), "data.tar.zst");
  const { taken, peakBytes } = await take();
  expect(taken).toEqual([{ place, bytes: 200 * 1024 * 1024 }]);
  expect(peakBytes).toBeLessThan(150 * 1024 * 1024);
  await write(zstdCompressSync(bomb(300)), "data.tar.zst");
  expect(await refusal()).toContain("printed more than allowed");
  expect(existsSync(path)).toBe(false);
});

test("sizes that a file cannot have are refused, whatever follows", async () => {
  const base256 = (bytes: readonly number[]): string => Buffer.from(bytes).toString("latin1");
  const huge = base256([0x80, 0, 0, 0, 0x7f, ...Array.from({ length: 7 }, () => 0xff)]);
  const sparse = header("./sparse", { type: "S", size: "77777777777\0" });
  for (const data of [header(`./${place}`, { size: huge }), header(`./${place}`, { size: "99999999999\0" }), sparse]) {
    await write(Buffer.concat([data, Buffer.alloc(512), end]));
    expect(await refusal()).toMatch(/cannot be unpacked/);
    expect(existsSync(path)).toBe(false);
  }
});

test("extended headers of any size cost no memory", async () => {
  for (const type of ["L", "K", "x", "g"]) {
    const size = `${(200 * 1024 * 1024).toString(8).padStart(11, "0")}\0`;
    await write(
      gzipSync(Buffer.concat([header("././@LongLink", { type, size }), Buffer.alloc(4096, "x")])),
      "data.tar.gz",
    );
    expect(await refusal()).toContain("a tar header is larger than 1 MiB");
  }
});

test("a million members are too many", async () => {
  const thousand = Buffer.concat(Array.from({ length: 1000 }, (_, index) => header(`./usr/share/${index}`)));
  const million = Buffer.concat(Array.from({ length: long ? 1000 : 501 }, () => thousand));
  // Compressed less well than it could be, or its growth alone would be refused.
  const padding = Buffer.concat([header("./noise", { size: "00004000000\0" }), noise(1024 * 1024)]);
  await write(zstdCompressSync(Buffer.concat([padding, million, end])), "data.tar.zst");
  expect(await refusal()).toContain("it has more than 500000 members");
});

function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = 1; at < length; at += 1) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    bytes[at] = state >> 16;
  }
  return bytes;
}

test("a package that ends in the middle of a file is refused, and removed", async () => {
  const whole = await tarOf([{ name: `./${place}`, content: Buffer.alloc(100_000, 1) }]);
  await write(whole.subarray(0, 50_000));
  expect(await refusal()).toMatch(/cannot be unpacked/);
  expect(existsSync(path)).toBe(false);
});

// dpkg-deb before 1.23.6 spins for ever on such a one: its time is bounded then.
test("a zstd stream that is cut off is refused, and nothing of it goes on", async () => {
  const whole = zstdCompressSync(await tarOf([{ name: `./${place}`, content: noise(300_000) }]));
  for (const size of [3, whole.length - 10]) {
    await write(whole.subarray(0, size), "data.tar.zst");
    expect(await refusal()).toMatch(/cannot be unpacked/);
    expect(existsSync(path)).toBe(false);
  }
});

test("content is read to its end even by those who wanted less of it", async () => {
  await write(
    await tarOf([
      { name: `./${place}`, content: Buffer.alloc(3_000_000, 1) },
      { name: "./after", content: secret },
    ]),
  );
  const taken: string[] = [];
  const half = { places: [place], take: async (content: Readable) => content.destroy() && false };
  const after = {
    places: ["after"],
    take: async (content: Readable) => (await buffer(content)).length > 0 && taken.push("after") > 0,
  };
  await extractWishes(path, [half, after], neverAborted);
  expect(taken).toEqual(["after"]);
});
