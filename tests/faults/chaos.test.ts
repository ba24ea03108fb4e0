import { expect, test } from "vitest";
import { run } from "../../src/system/process.ts";
import { chaosCommand } from "../lab/chaos/chaos-command.ts";
import { seedOfRun } from "../lab/random.ts";

const seed = seedOfRun();

// The long form, with hundreds of strikes over thousands of crashes, is `npm run chaos`.
test("after kills, full disks, clock jumps, damage and faults of the network all is as if nothing had happened", {
  timeout: 300_000,
}, async () => {
  const options = { seed, crashes: 60, strikes: 8 };
  const result = await run(chaosCommand(options), { deadlineMs: 290_000 });
  const said = `repeat with CRASH_DIGGER_SEED=${seed}\n${result.stdout}${result.stderr}`;
  expect(result.exitCode, said).toBe(0);
});
