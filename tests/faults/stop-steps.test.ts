import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandLab } from "../lab/command.ts";
import { fiveCrashes } from "../lab/killed/five-crashes.ts";
import type { Counts, KilledBatch } from "../lab/killed/killed-batch.ts";
import { type Outcome, outcomeOf } from "../lab/killed/outcome.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { randomFrom, seedOfRun } from "../lab/random.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const timeout = isLong ? 4 * 3600_000 : 300_000;
const seed = seedOfRun();
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

let lab: Lab;
let command: CommandLab;
let batch: KilledBatch;
let counts: Counts;
let undisturbed: Outcome;

beforeAll(async () => {
  lab = await createLab();
  const five = await fiveCrashes(lab);
  ({ command, batch, undisturbed } = five);
  counts = five.counts.warm;
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** The batch ends with the signal's exit code, or, where it had nothing more to do, well; in no case is a lock left. */
async function expectStopsCleanly(step: number, signal: (typeof signals)[number]): Promise<void> {
  const where = `${signal} at step ${step} of ${counts.steps}; repeat with CRASH_DIGGER_SEED=${seed}`;
  await batch.putBack();
  const stopped = await batch.killAt({ step, signal: constants.signals[signal] });
  expect(existsSync(command.lockPath), where).toBe(false);
  // Before it has taken its lock a process is ended by the signal itself, as every program is.
  if (stopped.signal === null) expect([0, 128 + constants.signals[signal]], where).toContain(stopped.exitCode);
  else expect(stopped.signal, where).toBe(signal);
  if (stopped.exitCode === 0) expect(await outcomeOf(command), where).toEqual(undisturbed);
  expect(stopped.stderr, where).toBe("");
  expect(await command.crashDigger(["run"]), where).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await outcomeOf(command), where).toEqual(undisturbed);
  expect(await readdir(join(command.cacheFolder, "work")), where).toEqual([]);
}

test("told to stop at any step, a batch leaves no lock, and the next one finishes the work without anybody's help", {
  timeout,
}, async () => {
  const random = randomFrom("stopped", seed);
  const few = isLong ? counts.steps : 4;
  const stride = counts.steps / few;
  for (let part = 0; part < few; part++) {
    const step = 1 + Math.floor(part * stride) + random.below(Math.max(1, Math.floor(stride)));
    await expectStopsCleanly(step, signals[part % signals.length] ?? "SIGTERM");
  }
});
