import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { cacheEntries } from "../../../src/symbols/cache/entries.ts";
import { verify } from "../../../src/symbols/cache/verify.ts";
import { randomFrom, seedOfRun } from "../../lab/random.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { openTestCache } from "./symbols-world.ts";

const program = join(import.meta.dirname, "fixtures", "cache-worker.ts");
const long = process.env["CRASH_DIGGER_LONG"] === "1";

function startWorker(...args: readonly (string | number)[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [program, ...args.map(String)], { stdio: ["ignore", "pipe", "pipe"] });
}

async function ended(worker: ReturnType<typeof startWorker>): Promise<string> {
  const [stderr] = await Promise.all([text(worker.stderr), once(worker, "exit")]);
  return worker.exitCode === 0 ? "ended well" : stderr;
}

test("eight processes add, use, evict and verify at once, and nobody misses what it holds", async () => {
  await using folder = await temporaryFolder("cache-processes");
  const seed = seedOfRun();
  // Room for 15 of the 40 files: something is evicted all the time.
  const maxBytes = 15 * 4116;
  const rounds = long ? 400 : 16;
  const workers = Array.from({ length: 8 }, (_, index) =>
    startWorker("use", folder.path, maxBytes, rounds, `${seed}-${index}`),
  );
  const ends = await Promise.all(workers.map(ended));
  expect(ends, `seed ${seed}`).toEqual(ends.map(() => "ended well"));
  const cache = await openTestCache(folder.path);
  expect((await cache.prune(maxBytes)).bytesAfter).toBeLessThanOrEqual(maxBytes);
  expect(await cache.database.kysely.selectFrom("holds").selectAll().execute()).toEqual([]);
  expect(await verify(folder.path)).toMatchObject({ damaged: [] });
  expect(await readdir(join(cache.store.folder, "incoming"))).toEqual([]);
});

test("a process that is killed at any moment leaves whole files, and leftovers that are swept", async () => {
  const seed = seedOfRun();
  const random = randomFrom("killed", seed);
  await using folder = await temporaryFolder("cache-killed");
  for (let round = 1; round <= (long ? 200 : 6); round += 1) {
    const worker = startWorker("add", folder.path, 1024 ** 3);
    await once(worker.stdout, "data");
    // Not for luck: wherever the kill hits, what follows has to hold.
    await new Promise((resolve) => setTimeout(resolve, random.below(30)));
    worker.kill("SIGKILL");
    await once(worker, "exit");
    const { damaged } = await verify(folder.path);
    expect(damaged, `seed ${seed}, round ${round}`).toEqual([]);
  }
  const cache = await openTestCache(folder.path);
  for (const entry of await cacheEntries(folder.path)) expect(entry.files).toHaveLength(1);
  await cache.prune(1024 ** 3);
  expect(await readdir(join(cache.store.folder, "incoming"))).toEqual([]);
});
