import { existsSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failLock } from "../../src/digger/lock.ts";
import { openState } from "../../src/digger/state.ts";
import { systemClock } from "../../src/system/clock.ts";
import { ownIdentity } from "../../src/system/process-identity.ts";
import { writeCrash } from "../lab/tracker/crash-file.ts";
import { makeTrackerWorld, type TrackerWorld } from "../lab/tracker/tracker-world.ts";

/** A world in which a batch has ended well a moment ago. Disks are as full as they are, and none of our business. */
async function makeWorld(): Promise<TrackerWorld> {
  const world = await makeTrackerWorld();
  const state = await openState(statePath(world));
  const end = { endedAs: "done", outcome: "done", peakBytes: 2 ** 27, gdbPeakBytes: null } as const;
  await state.endBatch(await state.beginBatch("h", 1, new Date()), end, new Date());
  await state.close();
  return world;
}

const statePath = ({ folder }: TrackerWorld): string => join(folder, "state", "state.db");
const anyDisk = ["-w", "disk-free=off", "-c", "disk-free=off"] as const;

/** What monitoring gets: exit code, the line, and stderr. */
async function checked(world: TrackerWorld, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await world.cli(["check", ...anyDisk, ...args]);
  return `${exitCode} ${stdout.toString("utf8")}${stderr}`;
}

const values = "success_age=\\d+s;7200;86400;0 queue=0;1000;;0 oldest_pending=0s;86400;604800;0 dead_letters=\\d;0;;0";

test("a service that is well is OK with 0, in one line", async () => {
  await using world = await makeWorld();
  expect(await checked(world)).toMatch(
    new RegExp(`^0 CRASH-DIGGER OK - last success \\d+ s ago, 0 pending \\| ${values} [^\\n]* cache=0%;110;;0\\n$`),
  );
});

test("a dead letter is WARNING with 1, or what one says it is", async () => {
  await using world = await makeWorld();
  const state = await openState(statePath(world));
  await state.recordAside(3, { kind: "dead", markTag: "m", reason: "r" }, [], new Date());
  await state.close();
  expect(await checked(world)).toMatch(/^1 CRASH-DIGGER WARNING - 1 dead letter, last success .* dead_letters=1;0;;0 /);
  expect(await checked(world, "-c", "dead-letters=0")).toMatch(/^2 CRASH-DIGGER CRITICAL - 1 dead letter, /);
  expect(await checked(world, "-w", "dead-letters=5")).toMatch(/^0 CRASH-DIGGER OK - last success /);
});

test("a lock that a failure keeps is CRITICAL with 2, with the reason, also one that is named", async () => {
  await using world = await makeWorld();
  const path = join(world.folder, "other.lock");
  failLock({ path, identity: ownIdentity(), clock: systemClock }, "apt-get update: 503 | E: x\nmore");
  expect(await checked(world)).toMatch(/^0 /);
  expect(await checked(world, "--lock", path)).toMatch(
    /^2 CRASH-DIGGER CRITICAL - stopped since [\dTZ:.-]+: apt-get update: 503 \/ E: x, last success /,
  );
});

test("a damaged state.db is CRITICAL: a batch would stop at it, too", async () => {
  await using world = await makeTrackerWorld();
  await world.cli(["status"]);
  await writeFile(statePath(world), "this is no database, and long enough to be looked at\n".repeat(50));
  expect(await checked(world)).toMatch(/^2 CRASH-DIGGER CRITICAL - state.db: database .*state\.db: file is not a/);
});

test.each([
  ["a limit of nothing", ["-w", "queues=5"]],
  ["a limit that is none", ["-c", "queue=many"]],
  ["an unknown option", ["--verbose-please"]],
])("%s is UNKNOWN with 3, never the 2 that would call somebody at night", async (_name, args) => {
  await using world = await makeTrackerWorld();
  expect(await checked(world, ...args)).toMatch(/^3 /);
});

test("with a configuration that is wrong nothing can be told: UNKNOWN with 3", async () => {
  await using world = await makeTrackerWorld();
  await appendFile(join(world.folder, "config.toml"), "[batch]\njobs = 0\n");
  expect(await checked(world)).toMatch(/^3 CRASH-DIGGER UNKNOWN - .*config\.toml:4: batch\.jobs: /);
});

test("--online asks the tracker, so that a crash is pending before a batch has seen it", async () => {
  await using world = await makeWorld();
  const core = { binaries: { CoreDump: Buffer.from("core") }, fields: { Architecture: undefined } };
  await world.cli(["submit", writeCrash(world.folder, "1.crash", core)]);
  expect(await checked(world)).toContain(" 0 pending | ");
  expect(await checked(world, "--online", "-w", "queue=0")).toMatch(/^1 CRASH-DIGGER WARNING - 1 pending, last/);
});

test("a check makes nothing, asked online or not: neither a state.db nor a tracker", async () => {
  await using world = await makeTrackerWorld();
  for (const more of [[], ["--online"]]) {
    const { stdout } = await world.cli(["check", ...anyDisk, ...more]);
    expect(stdout.toString("utf8")).toContain("no batch has run yet");
    expect(existsSync(join(world.folder, "state", "state.db"))).toBe(false);
    expect(existsSync(join(world.folder, "state", "tracker"))).toBe(false);
  }
});

test("--json has the same for a program", async () => {
  await using world = await makeTrackerWorld();
  const { stdout, exitCode } = await world.cli(["check", "--json", ...anyDisk]);
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout.toString("utf8"))).toMatchObject({
    state: "warning",
    findings: expect.arrayContaining([{ state: "warning", text: "no batch has run yet" }]),
    measures: expect.arrayContaining([{ name: "cache", value: 0, unit: "percent", warning: 110, critical: null }]),
  });
});
