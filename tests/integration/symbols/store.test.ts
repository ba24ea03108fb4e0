import { createReadStream } from "node:fs";
import { appendFile, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSymbolStore, type SymbolStore } from "../../../src/symbols/store/symbol-store.ts";
import { compile, type SplitBinary, splitDebug } from "../../lab/build.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";

let folder: TemporaryFolder;
let split: SplitBinary;
let stores = 0;
const origin = { source: "test", package: "workers=1.0-1" };

beforeAll(async () => {
  folder = await temporaryFolder("store");
  const program = await compile({ sources: ["inlined.c"], output: join(folder.path, "inlined") });
  split = await splitDebug(program, folder.path);
});

afterAll(() => folder?.remove());

function newStore(): Promise<SymbolStore> {
  stores += 1;
  return openSymbolStore(join(folder.path, `store-${stores}`));
}

async function leftovers(store: SymbolStore): Promise<readonly string[]> {
  return await readdir(join(store.folder, "incoming"));
}

test("a file is kept under its build-id with where it came from", async () => {
  const store = await newStore();
  const added = await store.add("executable", split.buildId, createReadStream(split.stripped), origin);
  expect(added).toMatchObject({ ok: true });
  const found = await store.lookup(split.buildId, "executable");
  expect(await readFile(found?.path ?? "")).toEqual(await readFile(split.stripped));
  expect(found).toMatchObject({ provenance: origin, elf: { buildId: split.buildId } });
  expect((await stat(found?.path ?? "")).mode & 0o777).toBe(0o755);
  expect(await store.lookup(split.buildId, "debug")).toBeNull();
  expect(await leftovers(store)).toEqual([]);
});

test("a file with another build-id is refused and leaves nothing behind", async () => {
  const store = await newStore();
  const wanted = "00".repeat(20);
  const added = await store.add("executable", wanted, createReadStream(split.stripped), origin);
  const message = `its build-id is ${split.buildId}, not ${wanted}`;
  expect(added).toEqual({ ok: false, refusal: { kind: "wrong-build-id", message } });
  expect(await readdir(store.folder)).toEqual(["incoming"]);
  expect(await leftovers(store)).toEqual([]);
});

test("the stripped program is not taken for its own debug file", async () => {
  const store = await newStore();
  const { buildId, stripped, debugFile } = split;
  expect(await store.add("debug", buildId, createReadStream(stripped), origin)).toMatchObject({
    refusal: { kind: "no-symbols" },
  });
  expect(await store.add("debug", buildId, createReadStream(debugFile), origin)).toMatchObject({ ok: true });
});

test("content that is not ELF, and content that breaks off, are refused", async () => {
  const store = await newStore();
  const text = Readable.from([Buffer.from("#!/bin/sh\n")]);
  expect(await store.add("executable", split.buildId, text, origin)).toMatchObject({ refusal: { kind: "not-elf" } });
  const whole = await readFile(split.stripped);
  async function* brokenOff() {
    yield whole;
    throw new Error("unexpected end of package");
  }
  const added = await store.add("executable", split.buildId, Readable.from(brokenOff()), origin);
  expect(added).toEqual({ ok: false, refusal: { kind: "incomplete", message: "unexpected end of package" } });
  expect(await leftovers(store)).toEqual([]);
});

test("a file that was cut off or lengthened is dropped when it is read, and can be added again", async () => {
  const store = await newStore();
  for (const damage of [(path: string) => truncate(path, 100), (path: string) => appendFile(path, "more")]) {
    const added = await store.add("executable", split.buildId, createReadStream(split.stripped), origin);
    await damage(added.ok ? added.file.path : "");
    expect(await store.lookup(split.buildId, "executable")).toBeNull();
  }
  const added = await store.add("executable", split.buildId, createReadStream(split.stripped), origin);
  expect(added).toMatchObject({ ok: true });
  expect(await store.lookup(split.buildId, "executable")).not.toBeNull();
});

test("many who bring the same file at once all have it", async () => {
  const store = await newStore();
  const bring = () => store.add("executable", split.buildId, createReadStream(split.stripped), origin);
  const added = await Promise.all(Array.from({ length: 20 }, bring));
  expect(added.every(({ ok }) => ok)).toBe(true);
  expect(await store.lookup(split.buildId, "executable")).not.toBeNull();
  expect(await leftovers(store)).toEqual([]);
});

test("text that is not a build-id never becomes a path", async () => {
  const store = await newStore();
  for (const text of ["../../etc", "", "ABCDEF0123456789", "abc", "00/11223344"]) {
    expect(await store.lookup(text, "executable")).toBeNull();
    const content = createReadStream(split.stripped);
    await expect(store.add("executable", text, content, origin)).rejects.toThrow(/not a build-id/);
    content.destroy();
  }
});

test("that gdb could make no index of a file's symbols is remembered with the reason, and who was first is kept", async () => {
  const store = await newStore();
  expect(await store.lookupIndex(split.buildId)).toBeNull();
  const made = await store.addIndex(split.buildId, async () => ({ kind: "none", reason: "killed by SIGSEGV" }));
  expect(made).toEqual({ path: null });
  expect(await store.lookupIndex(split.buildId)).toEqual({ path: null });
  const late = await store.addIndex(split.buildId, async (path) => {
    await writeFile(path, Buffer.from([9, 0, 0, 0, 1]));
    return { kind: "made" };
  });
  expect(late).toEqual({ path: null });
  const file = join(store.folder, split.buildId.slice(0, 2), split.buildId.slice(2), "index", "file");
  expect(await readFile(file, "utf8")).toBe("killed by SIGSEGV\n");
  await truncate(file, 3);
  expect(await store.lookupIndex(split.buildId)).toBeNull();
  expect(await leftovers(store)).toEqual([]);
});

test("an index that cannot be written leaves nothing behind", async () => {
  const store = await newStore();
  const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  await expect(store.addIndex(split.buildId, () => Promise.reject(full))).rejects.toThrow(/no space left/);
  expect(await leftovers(store)).toEqual([]);
  expect(await store.lookupIndex(split.buildId)).toBeNull();
});
