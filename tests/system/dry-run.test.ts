import { existsSync, statSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openState } from "../../src/digger/state.ts";
import { openDuplicates } from "../../src/duplicates/duplicates.ts";
import { openLocalTracker } from "../../src/tracker/local/local-tracker.ts";
import type { LocalCrash } from "../../src/tracker/local/read-crash.ts";
import { writeCrash } from "../lab/tracker/crash-file.ts";
import { makeTrackerWorld, type TrackerWorld } from "../lab/tracker/tracker-world.ts";

const traceback = `Traceback (most recent call last):
  File "/usr/bin/sheet", line 3, in main
    total(hours)
  File "/usr/bin/sheet", line 9, in total
    raise KeyError("week")
KeyError: 'week'`;

const python = {
  ExecutablePath: "/usr/bin/sheet",
  InterpreterPath: "/usr/bin/python3",
  Package: "sheet 1.0-1",
  SourcePackage: "sheet",
  Signal: undefined,
  SignalName: undefined,
  Traceback: traceback,
};

/** Two equal Python crashes, and one whose core is no core. */
async function submitThree(world: TrackerWorld): Promise<void> {
  const damaged = { binaries: { CoreDump: Buffer.from("this is no core") } };
  const files = [{ fields: python }, { fields: python }, damaged].map((seed, index) =>
    writeCrash(world.folder, `${index}.crash`, seed),
  );
  expect(await world.cli(["submit", ...files])).toMatchObject({ exitCode: 0, stderr: "" });
}

async function crashes(world: TrackerWorld): Promise<readonly (LocalCrash | null)[]> {
  const tracker = await openLocalTracker(world.trackerFolder);
  try {
    return [await tracker.show(1), await tracker.show(2), await tracker.show(3)];
  } finally {
    await tracker.close();
  }
}

async function json(world: TrackerWorld, args: readonly string[], exitCode = 0) {
  const result = await world.cli(args);
  expect(result).toMatchObject({ exitCode, stderr: "" });
  return JSON.parse(result.stdout.toString("utf8"));
}

test("a dry run plans as a batch does, changes nothing, and what it stored is what a batch then did", async () => {
  await using world = await makeTrackerWorld();
  await submitThree(world);
  const before = await crashes(world);

  const dry = await json(world, ["run", "--dry-run", "--format", "json"]);
  expect(dry.crashes).toMatchObject([
    { id: 1, verdict: "new" },
    { id: 2, verdict: "duplicate", master: 1 },
    { id: 3, verdict: "invalid" },
  ]);
  expect(dry.plans).toContainEqual({ crash: 2, kind: "mark-duplicate", edit: "mark as a duplicate of 1" });
  expect(await crashes(world)).toEqual(before);
  const stateFolder = join(world.folder, "state");
  expect((await readdir(stateFolder)).sort()).toEqual(
    expect.arrayContaining(["batch.lock.dry-run.guard", "plans", "tracker"]),
  );
  for (const name of ["state.db", "duplicates.db", "batch.lock", "batch.lock.dry-run"]) {
    expect([name, existsSync(join(stateFolder, name))]).toEqual([name, false]);
  }
  expect(await readdir(join(world.folder, "cache", "work"))).toEqual([]);
  expect(statSync(join(stateFolder, "plans", "2.json")).mode & 0o777).toBe(0o600);
  expect(statSync(join(stateFolder, "plans")).mode & 0o777).toBe(0o700);

  const planned = await json(world, ["diff-plan", "--json"], 1);
  expect(planned.equal).toBe(false);
  expect(planned.crashes.map(({ crash }: { crash: number }) => crash)).toEqual([1, 2, 3]);
  const mark = { kind: "mark-duplicate", edit: "mark as a duplicate of 1" };
  expect(planned.crashes[1].edits).toContainEqual(expect.objectContaining({ ...mark, state: "missing" }));

  expect(await world.cli(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const done = await json(world, ["diff-plan", "--json"]);
  expect(done.equal).toBe(true);
  expect(done.crashes[1].edits).toContainEqual(expect.objectContaining({ ...mark, state: "done" }));
  const text = await world.cli(["diff-plan", "2"]);
  expect(text.stdout.toString("utf8")).toMatch(
    /^crash 2, planned \S+: \d+ done, 0 missing, 0 different, \d+ unseen\n$/,
  );
});

test("another retracer did something else: diff-plan names it and exits with 1", async () => {
  await using world = await makeTrackerWorld();
  await submitThree(world);
  const run = await world.cli(["run", "--dry-run"]);
  expect(run.stdout.toString("utf8")).toMatch(/ edit planned crash=2 edit="mark as a duplicate of 1"\n/);
  await world.cli(["run"]);
  await world.cli(["duplicate", "2", "3"]);
  await world.cli(["tag", "1", "need-duplicate-check"]);
  const result = await world.cli(["diff-plan"]);
  expect(result).toMatchObject({ exitCode: 1, stderr: "" });
  const text = result.stdout.toString("utf8");
  expect(text).toContain("  different mark as a duplicate of 1 (it is: a duplicate of 3)\n");
  expect(text).toContain("  missing   untag need-duplicate-check, last of all\n");
});

test("a dry run beside a batch's databases leaves them as they are, and uses what they know", async () => {
  await using world = await makeTrackerWorld();
  await submitThree(world);
  await world.cli(["run"]);
  const [state, duplicates] = ["state.db", "duplicates.db"].map((name) => join(world.folder, "state", name));
  const contents = async () => {
    const [first, second] = [await openState(state as string), await openDuplicates(duplicates as string)];
    try {
      const stored: unknown[] = [];
      for await (const crash of second.dump()) stored.push(crash);
      return { stored, batches: await first.lastBatches(10), aside: await first.allAside() };
    } finally {
      await first.close();
      await second.close();
    }
  };
  const before = await contents();
  await world.cli(["submit", writeCrash(world.folder, "again.crash", { fields: python })]);
  const dry = await json(world, ["run", "--dry-run", "--format", "json"]);
  expect(dry.crashes).toMatchObject([{ id: 4, verdict: "duplicate", master: 1 }]);
  expect(await contents()).toEqual(before);
});

test("a failed batch's lock keeps no dry run away, and a dry run that was killed none after it", async () => {
  await using world = await makeTrackerWorld();
  await submitThree(world);
  const lock = join(world.folder, "state", "batch.lock");
  await writeFile(lock, "4194300\n");
  await writeFile(`${lock}.dry-run`, "4194300\n");
  expect((await json(world, ["run", "--dry-run", "--format", "json"])).crashes).toHaveLength(3);
  expect(existsSync(lock)).toBe(true);
});

test("without a stored plan diff-plan says how to make one, and --dry-run publishes nothing", async () => {
  await using world = await makeTrackerWorld();
  const none = await world.cli(["diff-plan"]);
  expect(none.exitCode).toBe(1);
  expect(none.stderr).toContain("crash-digger run --dry-run");
  expect((await world.cli(["diff-plan", "12"])).stderr).toContain("crash 12: no plan is stored");
  expect((await world.cli(["diff-plan", "twelve"])).exitCode).toBe(2);
  expect((await world.cli(["run", "--dry-run", "--publish-db", "/tmp/x"])).exitCode).toBe(2);
});
