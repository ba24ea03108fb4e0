import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import { writeCrash } from "../../lab/tracker/crash-file.ts";
import { jsonLines, makeTrackerWorld, type TrackerWorld } from "../../lab/tracker/tracker-world.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const coreOf = (n: number): Buffer => Buffer.alloc(100_000, `core number ${n}; `);

test("twenty processes that submit at once lose and double nothing", async () => {
  await using world = await makeTrackerWorld();
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  const submitted = await Promise.all(
    numbers.map(async (n) => {
      const title = `crash number ${n}`;
      const seed = { fields: { Title: title }, binaries: { CoreDump: coreOf(n) } };
      const result = await world.cli(["submit", writeCrash(world.folder, `${n}.crash`, seed)]);
      expect(result).toMatchObject({ exitCode: 0, stderr: "" });
      return { id: Number(result.stdout.toString()), title };
    }),
  );
  expect(submitted.map(({ id }) => id).sort((a, b) => a - b)).toEqual(numbers.map((n) => n + 1));
  const listed = jsonLines(await world.cli(["list", "--json"])) as { id: number; title: string }[];
  expect(new Map(listed.map(({ id, title }) => [id, title]))).toEqual(
    new Map(submitted.map(({ id, title }) => [id, title])),
  );
  await expectWhole(world, (title) => coreOf(Number(title.split(" ").at(-1))));
});

// The moments at which a submission is killed: when its n-th step can be seen from outside.
const moments: readonly (readonly [string, (world: TrackerWorld) => boolean])[] = [
  ["its folder is made", (world) => incoming(world) !== null],
  ["the core is being decoded", (world) => sizeOf(world, /^field-/) > 0],
  ["the core is being compressed", (world) => sizeOf(world, /\.zst$/) >= 0],
  ["the core is stored", (world) => storedFiles(world) > 0],
];

test.each(moments)("killed when %s, a submission leaves all of the crash or nothing", async (_name, reached) => {
  await using world = await makeTrackerWorld();
  // Enough work for each moment to last a while.
  const core = Buffer.alloc(24_000_000, "some bytes of a core that compress well enough, ");
  const report = writeCrash(world.folder, "a.crash", { binaries: { CoreDump: core } });
  await (await openLocalTracker(world.trackerFolder)).close();
  await killWhen(world, report, () => reached(world));
  await expectWhole(world, () => core);
  expect((await world.cli(["submit", report])).exitCode).toBe(0);
});

test("killed at any moment, a submission leaves all of the crash or nothing", async () => {
  await using world = await makeTrackerWorld();
  const core = Buffer.alloc(3_000_000, "bytes of a core, ");
  const report = writeCrash(world.folder, "a.crash", { binaries: { CoreDump: core } });
  const wholeMs = (await world.cli(["submit", report])).durationMs;
  for (let round = 1; round <= 10; round += isLong ? 1 : 2) {
    // Most of the time goes into starting; the second half is where something can be torn.
    const killAt = performance.now() + wholeMs * (0.4 + 0.08 * round);
    await killWhen(world, report, () => performance.now() >= killAt);
    await expectWhole(world, () => core);
  }
});

async function killWhen(world: TrackerWorld, report: string, reached: () => boolean): Promise<void> {
  const [program, ...args] = [...world.command, "submit", report] as [string, ...string[]];
  const child = spawn(program, args, { stdio: "ignore" });
  let ended = false;
  const exit = new Promise<void>((resolve) => {
    child.once("exit", () => {
      ended = true;
      resolve();
    });
  });
  while (!ended && !reached()) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill("SIGKILL");
  await exit;
}

/** Every crash that is there has its whole core, and nothing else is left in the tracker's folder. */
async function expectWhole(world: TrackerWorld, coreFor: (title: string) => Buffer): Promise<void> {
  const tracker = await openLocalTracker(world.trackerFolder);
  try {
    const crashes = await tracker.list({});
    for (const { id, title } of crashes) {
      const stream = await tracker.openCore(id);
      expect(stream === null ? null : (await buffer(stream)).equals(coreFor(title))).toBe(true);
    }
    expect(await readdir(join(world.trackerFolder, "incoming"))).toEqual([]);
    expect(await readdir(join(world.trackerFolder, "files"))).toHaveLength(crashes.length);
  } finally {
    await tracker.close();
  }
}

function incoming(world: TrackerWorld): string | null {
  const folder = join(world.trackerFolder, "incoming");
  const [name] = readdirSync(folder);
  return name === undefined ? null : join(folder, name);
}

/** Size of the submission's file with such a name, -1 when there is none. */
function sizeOf(world: TrackerWorld, pattern: RegExp): number {
  try {
    const folder = incoming(world) ?? "";
    const name = readdirSync(folder).find((each) => pattern.test(each));
    return name === undefined ? -1 : statSync(join(folder, name)).size;
  } catch {
    // It was gone between the two looks.
    return -1;
  }
}

function storedFiles(world: TrackerWorld): number {
  const folder = join(world.trackerFolder, "files");
  return existsSync(folder) ? readdirSync(folder).length : 0;
}
