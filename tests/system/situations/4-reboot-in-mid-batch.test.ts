// Situation 4: the machine reboots in mid-batch. Afterwards work goes on by itself.
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandLab } from "../../lab/command.ts";
import { fiveCrashes } from "../../lab/killed/five-crashes.ts";
import type { Counts, KilledBatch } from "../../lab/killed/killed-batch.ts";
import { type Outcome, outcomeOf } from "../../lab/killed/outcome.ts";
import { reboot } from "../../lab/killed/reboot.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { randomFrom, seedOfRun } from "../../lab/random.ts";
import { startBatch } from "../../lab/started-batch.ts";

const seed = seedOfRun();

let lab: Lab;
let command: CommandLab;
let batch: KilledBatch;
let undisturbed: Outcome;
let counts: Counts;

beforeAll(async () => {
  lab = await createLab();
  const five = await fiveCrashes(lab);
  ({ command, batch, undisturbed } = five);
  counts = five.counts.warm;
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** What cron does next, on the machine that is up again: nobody unlocks, nobody repairs. */
async function expectGoesOnByItself(where: string): Promise<void> {
  const afterReboot = await reboot(lab.folder);
  const next = await command.crashDiggerBehind(afterReboot, ["run"]);
  expect(next, where).toMatchObject({ exitCode: 0, stderr: "" });
  expect(String(next.stdout), where).toContain("lock taken over: the machine went down in mid-batch");
  expect(await outcomeOf(command), where).toEqual(undisturbed);
  expect(existsSync(command.lockPath), where).toBe(false);
  expect(await readdir(join(command.cacheFolder, "work")), where).toEqual([]);
  const idle = await command.crashDiggerBehind(afterReboot, ["run"]);
  expect(idle, where).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await outcomeOf(command), where).toEqual(undisturbed);
}

test("the machine goes down while packages are fetched: after the reboot the next run from cron finishes the work", async () => {
  await batch.putBack();
  const end = lab.server.misbehave(/dbgsym.*\.deb/, { kind: "hang" });
  const asked = lab.server.hits(/dbgsym.*\.deb/).length;
  await rm(join(command.cacheFolder, "symbols"), { recursive: true });
  await rm(join(command.cacheFolder, "apt"), { recursive: true });
  const running = startBatch(command);
  await expect.poll(() => lab.server.hits(/dbgsym.*\.deb/).length, { timeout: 60_000 }).toBeGreaterThan(asked);
  process.kill(running.pid, "SIGKILL");
  expect(await running.ended).toMatchObject({ signal: "SIGKILL" });
  end();
  lab.server.dropConnections();
  expect(existsSync(command.lockPath)).toBe(true);
  await expectGoesOnByItself("in the middle of a download");
});

test("the machine goes down while the tracker is told of a verdict: nothing is told twice, nothing is left out", async () => {
  const random = randomFrom("reboot", seed);
  // The later half of the writes: plans are stored and carried out there.
  for (const write of [0.5, 0.75].map((part) => Math.ceil(counts.writes * (part + random.below(250) / 1000)))) {
    const where = `went down in write ${write} of ${counts.writes}; repeat with CRASH_DIGGER_SEED=${seed}`;
    await batch.putBack();
    expect(await batch.killAt({ write }), where).toMatchObject({ signal: "SIGKILL" });
    expect(existsSync(command.lockPath), where).toBe(true);
    await expectGoesOnByItself(where);
  }
});
