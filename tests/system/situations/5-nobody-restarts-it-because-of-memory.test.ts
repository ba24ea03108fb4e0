import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../../lab/command.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { fileSoakCrashes, type SoakKind, type SoakReports, soakReports } from "../../lab/soak/soak-crashes.ts";
import { watchBatch } from "../../lab/soak/watched-batch.ts";

// Situation 5: nobody ever restarts it because of memory. A batch takes no more of it at its end than at its beginning, and
// should it do so all the same, it ends by itself before anybody has to look.

// The short form is over before V8 has found how large a heap it wants (that takes a hundred crashes). So it leaves the first
// stretch out and gives the last one more room: a batch that kept its cores or its traces would be found all the same.
const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const crashes = isLong ? 2000 : 120;
const stretch = isLong ? 200 : 40;
const early = isLong ? stretch : 2 * stretch;
const mostGrowth = isLong ? 1.1 : 1.2;
const timeout = isLong ? 4 * 3600_000 : 300_000;

let lab: Lab;
let reports: SoakReports;
beforeAll(async () => {
  lab = await createLab();
  reports = await soakReports(lab);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

// In the long form gdb reads two of three cores, in the short one a tenth of them.
const longTurn: readonly SoakKind[] = ["traced", "duplicate", "traced", "python", "traced", "cut off"];
const shortTurn: readonly SoakKind[] = Array.from({ length: 20 }, (_, at) => {
  return at === 0 ? "traced" : at === 10 ? "duplicate" : at === 15 ? "cut off" : "python";
});

function mix(count: number): readonly SoakKind[] {
  const turn = isLong ? longTurn : shortTurn;
  return Array.from({ length: count }, (_, at) => turn[at % turn.length] ?? "python");
}

/** How many verdicts of each kind there have to be. The first of the duplicates is their master. */
function verdictsOf(kinds: readonly SoakKind[]): Readonly<Record<string, number>> {
  const count = (kind: SoakKind): number => kinds.filter((each) => each === kind).length;
  const [duplicate, invalid] = [count("duplicate") - 1, count("cut off")];
  return { new: kinds.length - duplicate - invalid, duplicate, invalid };
}

function verdictsIn(log: readonly string[]): Readonly<Record<string, number>> {
  const verdicts = log.flatMap((line) => / crash done crash=\d+ verdict=(\S+)/.exec(line)?.[1] ?? []);
  return Object.fromEntries([...new Set(verdicts)].map((one) => [one, verdicts.filter((each) => each === one).length]));
}

// A stopped and continued test (a laptop's lid, a shared machine) is no reason to take gdb's deadline for passed.
const patientGdb = "[gdb]\ntimeout_s = 100000\n";

test(`over ${crashes} crashes in one batch the last ${stretch} take no more memory than early ones`, {
  timeout,
}, async () => {
  const command = await createCommandLab(lab, patientGdb);
  const kinds = mix(crashes);
  await fileSoakCrashes(command, lab, reports, kinds);
  const peaks = new Map<number, number>();
  const end = await watchBatch(command, [], (done, watched) => {
    if (done % stretch !== 0) return;
    peaks.set(done, watched.peakMiB());
    watched.forgetPeak();
    // As it goes: the long form takes a while, and may be ended before.
    process.stderr.write(`soak: crash ${done}: peak ${peaks.get(done)?.toFixed(1)} MiB since the last ${stretch}\n`);
  });
  expect(end).toMatchObject({ exitCode: 0, stderr: "" });
  const [first = 0, last = 0] = [peaks.get(early), peaks.get(crashes)];
  expect(verdictsIn(end.log)).toEqual(verdictsOf(kinds));
  expect(first).toBeGreaterThan(0);
  expect(last).toBeLessThan(mostGrowth * first);
});

test("a batch that has grown too large ends early and cleanly, and the next ones go on until all is done", async () => {
  // Less than the program needs to begin with: each batch does one crash.
  const command = await createCommandLab(lab, "[batch]\njobs = 2\nmax_memory_bytes = 16777216\n");
  await fileSoakCrashes(command, lab, reports, ["traced", "python", "duplicate"]);
  for (const left of [2, 1]) {
    const { exitCode, stderr, stdout } = await command.crashDigger(["run"]);
    expect({ exitCode, stderr, isLocked: existsSync(command.lockPath) }).toEqual({
      exitCode: 0,
      stderr: "",
      isLocked: false,
    });
    expect(lastLine(stdout)).toMatch(
      new RegExp(
        `batch ends early batch=\\d crashes=1 left=${left} reason="\\d+ bytes are resident, more than batch.max_memory_bytes \\(16777216\\)"$`,
      ),
    );
  }
  const last = await command.crashDigger(["run"]);
  expect(lastLine(last.stdout)).toContain("batch ends batch=3 crashes=1");
  await expectPeaksInStatus(command);
});

async function expectPeaksInStatus(command: CommandLab): Promise<void> {
  const text = (await command.crashDigger(["status"])).stdout.toString("utf8");
  expect(text).toMatch(
    /^Memory {4}at most \d+\.\d MiB, gdb \d+\.\d MiB in batch 3; above 16\.0 MiB a batch ends early$/m,
  );
  const { batches, pending } = JSON.parse((await command.crashDigger(["status", "--json"])).stdout.toString("utf8"));
  expect(pending).toMatchObject({ retrace: 0, duplicateCheck: 0 });
  expect(batches).toMatchObject([{ endedAs: "done" }, { endedAs: "memory" }, { endedAs: "memory" }]);
  for (const { peakBytes } of batches) expect(peakBytes).toBeGreaterThan(2 ** 25);
}

function lastLine(stdout: Buffer): string {
  return stdout.toString("utf8").trimEnd().split("\n").at(-1) ?? "";
}
