import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import { writeCrash } from "../../lab/tracker/crash-file.ts";

let folder: string;
let trackerFolder: string;
let corePath: string;
const core = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * n) % 251));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "damage-test-"));
  trackerFolder = join(folder, "tracker");
  await using tracker = await opened();
  await tracker.submit(writeCrash(folder, "a.crash", { binaries: { CoreDump: core } }), { hostArchitecture: "amd64" });
  const [name = ""] = await readdir(join(trackerFolder, "files"));
  corePath = join(trackerFolder, "files", name);
});
afterEach(() => rm(folder, { recursive: true }));

async function opened() {
  const tracker = await openLocalTracker(trackerFolder);
  return { ...tracker, [Symbol.asyncDispose]: () => tracker.close() };
}

async function readCore(): Promise<Buffer> {
  await using tracker = await opened();
  return await buffer((await tracker.openCore(1)) as Readable);
}

test("the undamaged core is read whole", async () => {
  expect(await readCore()).toEqual(core);
});

test("a missing core file is a service failure that names the file and a way out", async () => {
  await rm(corePath);
  const failure = await readCore().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect((failure as ServiceFailure).message).toContain(corePath);
  expect((failure as ServiceFailure).remedy).toContain("set-status 1 invalid");
});

test("a core file that was cut off is noticed", async () => {
  const { size } = await stat(corePath);
  for (const left of [size - 1, size - 4, Math.floor(size / 2)]) {
    await truncate(corePath, left);
    await expect(readCore()).rejects.toThrow(ServiceFailure);
  }
});

test("an empty core file is noticed", async () => {
  await truncate(corePath, 0);
  await expect(readCore()).rejects.toThrow(ServiceFailure);
});

test("another crash's core in its place is noticed", async () => {
  await writeFile(corePath, zstdCompressSync("the core of another crash"));
  await expect(readCore()).rejects.toThrow(/holds 25 bytes instead of 200000/);
});

test("a flipped bit in a core file is noticed", async () => {
  const bytes = await readFile(corePath);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x10;
  await writeFile(corePath, bytes);
  await expect(readCore()).rejects.toThrow(ServiceFailure);
});

test("a database that is none is a service failure", async () => {
  await writeFile(join(trackerFolder, "tracker.db"), "this is no database, however one looks at it".repeat(200));
  await expect(opened()).rejects.toThrow(ServiceFailure);
});

test("a database with damaged pages is a service failure", async () => {
  const path = join(trackerFolder, "tracker.db");
  const bytes = await readFile(path);
  await writeFile(path, bytes.fill(0xff, 4096));
  const reading = async (): Promise<unknown> => {
    await using tracker = await opened();
    return await tracker.list({});
  };
  await expect(reading()).rejects.toThrow(ServiceFailure);
});

test("a folder that cannot be used is a service failure", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(openLocalTracker(join(folder, "file", "tracker"))).rejects.toThrow(ServiceFailure);
});

test("a file whose removal was interrupted is removed by the next one to come", async () => {
  const database = new DatabaseSync(join(trackerFolder, "tracker.db"));
  database.exec("INSERT INTO orphan SELECT storage_name FROM blob; DELETE FROM blob");
  database.close();
  await using tracker = await opened();
  expect(await readdir(join(trackerFolder, "files"))).toEqual([]);
  expect((await tracker.show(1))?.header.hasCore).toBe(false);
});

test("a row that names no stored file of ours removes nothing and opens nothing", async () => {
  for (const name of ["", "..", "../../outside", "x", "/etc/hostname"]) {
    const database = new DatabaseSync(join(trackerFolder, "tracker.db"));
    database.prepare("INSERT INTO orphan VALUES (?)").run(name);
    await expect(opened()).rejects.toThrow(/rows of the tracker's table orphan is one that no crash-digger writes/);
    database.exec("DELETE FROM orphan");
    database.close();
    expect(await readCore()).toEqual(core);
  }
  const database = new DatabaseSync(join(trackerFolder, "tracker.db"));
  database.exec("UPDATE blob SET storage_name = '../../a.crash'");
  database.close();
  await expect(readCore()).rejects.toThrow(ServiceFailure);
});

test("a value of another type than ours is a service failure that names table and column", async () => {
  const database = new DatabaseSync(join(trackerFolder, "tracker.db"));
  database.exec("UPDATE crash SET title = x'ff'");
  database.close();
  await using tracker = await opened();
  await expect(tracker.show(1)).rejects.toThrow(/table crash is one that no crash-digger writes \(title: /);
});
