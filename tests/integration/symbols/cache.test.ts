import { existsSync } from "node:fs";
import { link, mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cacheStatus } from "../../../src/symbols/cache/cache-status.ts";
import { asideName } from "../../../src/symbols/cache/owner.ts";
import type { SymbolCache, SymbolCacheOptions } from "../../../src/symbols/cache/symbol-cache.ts";
import { buildIdFolder } from "../../../src/symbols/store/stored-file.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { addForged, buildIdOf } from "./forged-files.ts";
import { openTestCache } from "./symbols-world.ts";

const sizeBytes = 10_000;
const startMs = Date.now();
let folder: TemporaryFolder;
let caches = 0;

beforeAll(async () => {
  folder = await temporaryFolder("cache");
});
afterAll(() => folder?.remove());

/** A cache whose clock the test moves; with files 1 to 5, used one hour after another, 1 first. */
async function filledCache(options: Partial<Omit<SymbolCacheOptions, "folder">> = {}) {
  caches += 1;
  const hours = { passed: 0 };
  const clock = { now: () => new Date(startMs + hours.passed * 3600_000), monotonicMs: () => 0 };
  const cache = await openTestCache(join(folder.path, `cache-${caches}`), { clock, ...options });
  for (const number of [1, 2, 3, 4, 5]) {
    await addForged(cache.store, number, sizeBytes);
    await aged(cache, number);
    hours.passed = number;
    await cache.touch([pathOf(cache, number)]);
  }
  hours.passed = 10;
  return { cache, hours };
}

function pathOf(cache: SymbolCache, number: number): string {
  return buildIdFolder(cache.store.folder, buildIdOf(number));
}

// As if it had been added long ago, so that only its uses count.
async function aged(cache: SymbolCache, number: number): Promise<void> {
  await utimes(pathOf(cache, number), new Date(0), new Date(0));
}

async function left(cache: SymbolCache): Promise<readonly number[]> {
  const all = [1, 2, 3, 4, 5, 6];
  const there = await Promise.all(all.map((number) => cache.store.lookup(buildIdOf(number), "executable")));
  return all.filter((_, index) => there[index] !== null);
}

test("what was not used for longest goes, and no more than has to", async () => {
  const { cache } = await filledCache();
  await cache.touch([pathOf(cache, 1)]);
  const pruned = await cache.prune(3 * sizeBytes);
  expect(await left(cache)).toEqual([1, 4, 5]);
  expect(pruned).toMatchObject({ bytesBefore: 5 * sizeBytes, bytesAfter: 3 * sizeBytes });
  expect(pruned.removed.map(({ name }) => name)).toEqual(
    [2, 3].map((number) => `symbols/0${number}/${buildIdOf(number).slice(2)}`),
  );
  expect((await cache.prune(3 * sizeBytes)).removed).toEqual([]);
});

test("what was used since somebody began to hold stays, also when another process prunes", async () => {
  const { cache, hours } = await filledCache();
  const other = await openTestCache(cache.folder, { clock: cache.clock });
  const held = await cache.hold();
  hours.passed = 11;
  await cache.touch([pathOf(cache, 1), pathOf(cache, 3)]);
  expect(await other.prune(0)).toMatchObject({ bytesAfter: 2 * sizeBytes });
  expect(await left(cache)).toEqual([1, 3]);
  await held[Symbol.asyncDispose]();
  expect(await other.prune(0)).toMatchObject({ bytesAfter: 0 });
  expect(await left(cache)).toEqual([]);
});

test("a clock that is set back in mid-retrace makes nothing held look old", async () => {
  const { cache, hours } = await filledCache();
  await using _held = await cache.hold();
  hours.passed = 2;
  await cache.touch([pathOf(cache, 1)]);
  hours.passed = 20;
  await cache.prune(0);
  expect(await left(cache)).toEqual([1]);
});

test("a file that goes keeps its bytes in a sysroot that has it", async () => {
  const { cache } = await filledCache();
  const linked = join(folder.path, `linked-${caches}`);
  await link(join(pathOf(cache, 1), "executable", "file"), linked);
  await cache.prune(0);
  expect((await readFile(linked)).length).toBe(sizeBytes);
});

test("the hold of a process that was killed, and that of one before a reboot, hold nothing", async () => {
  const { cache } = await filledCache();
  const [machine, boot] = asideName().split("-");
  const owners = [`${machine}-${boot}-4194303-17`, `${machine}-00000000-${process.pid}-17`];
  const rows = owners.map((owner, id) => ({ id, owner, since: 0 }));
  await cache.database.kysely.insertInto("holds").values(rows).execute();
  expect(await cache.prune(0)).toMatchObject({ bytesAfter: 0 });
  expect((await cacheStatus(cache)).holds).toBe(0);
});

test("a hold on another machine is believed for a day", async () => {
  const { cache, hours } = await filledCache();
  const row = { owner: "00000000-00000000-1-17", since: 0 } as never;
  await cache.database.kysely
    .insertInto("holds")
    .values({ ...(row as object), since: startMs } as never)
    .execute();
  await cache.touch([pathOf(cache, 1)]);
  expect((await cache.prune(0)).removed.length).toBe(0);
  hours.passed = 26;
  await cache.prune(0);
  expect(await left(cache)).toEqual([]);
});

test("the limit is enforced when a retrace that added something lets go", async () => {
  const { cache } = await filledCache({ maxBytes: 3 * sizeBytes });
  {
    await using _held = await cache.hold();
    await addForged(cache.store, 6, sizeBytes);
    await cache.touch([pathOf(cache, 6)]);
    expect(await left(cache)).toEqual([1, 2, 3, 4, 5, 6]);
  }
  expect(await left(cache)).toEqual([4, 5, 6]);
});

test("packages count and go like files", async () => {
  const { cache } = await filledCache();
  const packages = join(cache.aptFolder, "Lab_1-amd64-00000000", "packages");
  await mkdir(packages, { recursive: true });
  const old = join(packages, `${"ab".repeat(32)}.deb`);
  await writeFile(old, Buffer.alloc(sizeBytes));
  await utimes(old, new Date(0), new Date(0));
  expect((await cacheStatus(cache)).kinds.find(({ kind }) => kind === "package")).toMatchObject({ files: 1 });
  await cache.prune(5 * sizeBytes);
  expect(existsSync(old)).toBe(false);
  expect(await left(cache)).toEqual([1, 2, 3, 4, 5]);
});

test("leftovers of processes that are gone are swept, those of the living are not", async () => {
  const { cache } = await filledCache();
  const incoming = join(cache.store.folder, "incoming");
  const mine = asideName();
  const [machine, boot] = mine.split("-");
  const dead = `${machine}-${boot}-4194303-17.0000`;
  const unknown = "f9d7a5a0-0000-4000-8000-000000000000";
  const index = join(cache.aptFolder, "Lab_1-amd64-00000000", "index");
  await mkdir(index, { recursive: true });
  await writeFile(join(index, `packages-0.db.${dead}.new`), "half");
  await writeFile(join(index, "packages-0.db"), "whole");
  for (const name of [mine, dead, unknown]) await mkdir(join(incoming, name));
  expect(await cache.prune(10 * sizeBytes)).toMatchObject({ swept: 2 });
  expect((await readdir(incoming)).toSorted()).toEqual([mine, unknown].toSorted());
  await utimes(join(incoming, unknown), new Date(0), new Date(0));
  expect(await cache.prune(10 * sizeBytes)).toMatchObject({ swept: 1 });
  expect(await readdir(index)).toEqual(["packages-0.db"]);
});

test("the memory of uses does not outlive the files", async () => {
  const { cache } = await filledCache();
  await cache.touch([pathOf(cache, 6)]);
  await cache.prune(2 * sizeBytes);
  const rows = await cache.database.kysely.selectFrom("uses").select("name").execute();
  expect(rows).toHaveLength(2);
});

test("a cache whose database is damaged says that it may be removed: nobody has a copy of a cache", async () => {
  const path = join(folder.path, "damaged-cache");
  await mkdir(path);
  await writeFile(join(path, "cache.db"), "no database, and long enough to be looked at\n".repeat(50));
  await expect(openTestCache(path)).rejects.toMatchObject({
    name: "ServiceFailure",
    remedy: expect.stringMatching(/^Remove \S+cache\.db /),
  });
});
