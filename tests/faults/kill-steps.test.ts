import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unlock } from "../../src/digger/lock.ts";
import { systemClock } from "../../src/system/clock.ts";
import { ownIdentity } from "../../src/system/process-identity.ts";
import type { CommandLab } from "../lab/command.ts";
import { type FiveCrashes, fiveCrashes } from "../lab/killed/five-crashes.ts";
import type { Death, KilledBatch } from "../lab/killed/killed-batch.ts";
import { type Outcome, outcomeOf } from "../lab/killed/outcome.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { randomFrom, seedOfRun } from "../lab/random.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const timeout = isLong ? 4 * 3600_000 : 300_000;
const seed = seedOfRun();

let lab: Lab;
let command: CommandLab;
let batch: KilledBatch;
let undisturbed: Outcome;
let counts: FiveCrashes["counts"];

beforeAll(async () => {
  lab = await createLab();
  ({ command, batch, counts, undisturbed } = await fiveCrashes(lab));
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** Kills a batch there; then, unlocked, one more batch has to make all as if nothing had happened. */
async function expectNothingLost(death: Death): Promise<void> {
  await batch.putBack();
  const where = `killed at ${JSON.stringify(death)}; repeat with CRASH_DIGGER_SEED=${seed}`;
  const killed = await batch.killAt(death);
  // A step more or less is chance: a batch that came to its end before is a whole batch.
  expect([killed.signal, killed.exitCode], where).toEqual(killed.exitCode === 0 ? [null, 0] : ["SIGKILL", null]);
  unlock({ path: command.lockPath, identity: ownIdentity(), clock: systemClock });
  expect(await command.crashDigger(["run"]), where).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await outcomeOf(command), where).toEqual(undisturbed);
  expect(await readdir(join(command.cacheFolder, "work")), where).toEqual([]);
}

/** Every step in the long form; else a few, evenly spread from a random one on. */
function someOf(total: number, few: number): readonly number[] {
  const stride = isLong ? 1 : Math.ceil(total / few);
  const first = 1 + randomFrom("killed", seed).below(stride);
  return Array.from({ length: Math.ceil((total - first + 1) / stride) }, (_, index) => first + index * stride);
}

test("killed at any step, a batch loses nothing, doubles nothing, and needs no repair", {
  timeout,
}, async () => {
  expect(undisturbed.crashes).toHaveLength(5);
  expect(counts.warm.steps).toBeGreaterThan(100);
  for (const step of someOf(counts.warm.steps, 3)) await expectNothingLost({ step });
});

test("killed in the middle of any write into a database or the store, nothing is damaged", {
  timeout,
}, async () => {
  expect(counts.cold.writes).toBeGreaterThan(counts.warm.writes);
  for (const write of someOf(counts.cold.writes, 2)) {
    await rm(join(command.cacheFolder, "symbols"), { recursive: true });
    await expectNothingLost({ write });
  }
});
