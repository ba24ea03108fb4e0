import { afterAll, beforeAll, expect, test } from "vitest";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { openEditsAt } from "../lab/bugs/batch-at-desk.ts";
import { beginRound } from "../lab/bugs/begin-round.ts";
import { type BugWorld, createBugWorld, type Desk } from "../lab/bugs/bug-world.ts";
import { killAtMoment } from "../lab/bugs/killed-at-moment.ts";
import { launcher } from "../lab/command.ts";
import { killedBatch } from "../lab/killed/killed-batch.ts";
import { randomFrom, seedOfRun } from "../lab/random.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const bugs = isLong ? 100 : 6;
const kills = isLong ? 20 : 1;
const timeout = isLong ? 3600_000 : 240_000;
const seed = seedOfRun();
const repeat = `repeat with CRASH_DIGGER_SEED=${seed}`;

let world: BugWorld;
beforeAll(async () => {
  world = await createBugWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function ok(desk: Desk, ...args: readonly string[]): Promise<string> {
  const env = { ...minimalEnvironment, TZ: "UTC" };
  const result = await run([launcher, "--config", desk.configFile, ...args], { deadlineMs: timeout, env });
  expect(result, `${args.join(" ")}; ${repeat}`).toMatchObject({ exitCode: 0, stderr: "" });
  return result.stdout.toString("utf8");
}

async function known(desk: Desk): Promise<readonly unknown[]> {
  const lines = (await ok(desk, "dupdb", "dump", "--json")).split("\n").filter((line) => line !== "");
  return lines.map((line) => ({ ...JSON.parse(line), lastChange: null }));
}

test("killed batches, then both databases put back as they were before them: every bug ends as it has to, told once", {
  timeout,
}, async () => {
  await using round = await beginRound(world, seed, bugs);
  const { desk, launchpad } = round;
  await ok(desk, "backup");
  const batch = await killedBatch(desk, world.folder);
  const random = randomFrom("restore", seed);
  for (let count = 0; count < kills; count += 1) {
    const moment = { request: 20 + random.below(8 * bugs), isCarriedOut: random.below(2) === 0 };
    await killAtMoment(moment, desk, launchpad, batch);
    await ok(desk, "unlock");
  }
  await ok(desk, "backup", "restore", "state", "duplicates");
  await ok(desk, "run");
  expect(round.observed(), repeat).toEqual(round.expected);
  expect(await openEditsAt(desk), repeat).toBe(0);
  const [before, duplicates] = [launchpad.dump(), await known(desk)];
  // Once more, with all of it done: nothing is left to be said.
  await ok(desk, "backup", "restore", "state", "duplicates");
  await ok(desk, "run");
  expect(launchpad.dump(), repeat).toEqual(before);
  expect(await known(desk), repeat).toEqual(duplicates);
});
