import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unlock } from "../../src/digger/lock.ts";
import { systemClock } from "../../src/system/clock.ts";
import { minimalEnvironment, type ProcessResult, run } from "../../src/system/process.ts";
import { ownIdentity } from "../../src/system/process-identity.ts";
import { openEditsAt } from "../lab/bugs/batch-at-desk.ts";
import { beginRound } from "../lab/bugs/begin-round.ts";
import { type BugWorld, createBugWorld, type Desk } from "../lab/bugs/bug-world.ts";
import { type Extent, killAtMoment, someMoment } from "../lab/bugs/killed-at-moment.ts";
import { launcher } from "../lab/command.ts";
import { killedBatch } from "../lab/killed/killed-batch.ts";
import { randomFrom, seedOfRun } from "../lab/random.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const bugs = isLong ? 200 : 16;
const kills = isLong ? 50 : 3;
const timeout = isLong ? 4 * 3600_000 : 120_000;
const seed = seedOfRun();
const repeat = `repeat with CRASH_DIGGER_SEED=${seed}`;

let world: BugWorld;
/** Of a batch over all bugs that nobody kills. */
let whole: Extent;
beforeAll(async () => {
  world = await createBugWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test("a dry run changes nothing on Launchpad; a batch then does what was planned, and diff-plan finds it equal", {
  timeout,
}, async () => {
  await using round = await beginRound(world, seed, bugs);
  const { desk, launchpad } = round;
  const before = launchpad.dump();
  expect(await crashDigger(desk, ["run", "--dry-run"]), repeat).toMatchObject({ exitCode: 0, stderr: "" });
  expect(launchpad.dump(), repeat).toEqual(before);
  expect(await crashDigger(desk, ["diff-plan"]), repeat).toMatchObject({ exitCode: 1, stderr: "" });
  launchpad.forgetRequests();
  const counts = await (await killedBatch(desk, world.folder)).count();
  whole = { ...counts, requests: launchpad.requests().length };
  expect(round.observed(), repeat).toEqual(round.expected);
  const compared = await crashDigger(desk, ["diff-plan"]);
  expect(compared, `${repeat}\n${compared.stdout}`).toMatchObject({ exitCode: 0, stderr: "" });
});

test("killed at any moment, again and again, a batch loses nothing, doubles nothing, and leaves no bug half-way", {
  timeout,
}, async () => {
  await using round = await beginRound(world, seed, bugs);
  const { desk, launchpad } = round;
  const batch = await killedBatch(desk, world.folder);
  const random = randomFrom("kills", seed);
  const deaths: string[] = [];
  while (deaths.length < kills) {
    const moment = someMoment(random, whole, kills);
    if (await killAtMoment(moment, desk, launchpad, batch)) deaths.push(JSON.stringify(moment));
    unlock({ path: desk.lockPath, identity: ownIdentity(), clock: systemClock });
  }
  const where = `${repeat}; killed at ${deaths.join(", ")}`;
  expect(await crashDigger(desk, ["run"]), where).toMatchObject({ exitCode: 0, stderr: "" });
  expect(round.observed(), where).toEqual(round.expected);
  expect(await openEditsAt(desk), where).toBe(0);
  expect(await readdir(join(desk.cacheFolder, "work")), where).toEqual([]);
  const figures = `bugs=${bugs} kills=${deaths.length} requests=${launchpad.requests().length}`;
  process.stderr.write(`launchpad-kills: ${figures} quiet=${JSON.stringify(whole)} seed=${seed}\n`);
});

function crashDigger(desk: Desk, args: readonly string[]): Promise<ProcessResult> {
  const env = { ...minimalEnvironment, TZ: "UTC" };
  return run([launcher, "--config", desk.configFile, ...args], { deadlineMs: timeout, env });
}
