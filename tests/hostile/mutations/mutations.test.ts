import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeEnd, run } from "../../../src/system/process.ts";
import { nodeEnvironment } from "../../lab/command.ts";
import { seedOfRun } from "../../lab/random.ts";

const program = join(import.meta.dirname, "fixtures", "read-mutations.ts");
const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const seed = seedOfRun();
const mebibyte = 1024 ** 2;

/**
 * Cases in CI; in the long form each reader has 10,000. Rows are spoilt a thousand times in all three databases together.
 * Damaged files have fewer: most of them SQLite refuses in one and the same place.
 */
const casesInCi: Readonly<Record<string, number>> = {
  report: 1_000,
  core: 1_000,
  "elf-file": 1_000,
  packages: 1_000,
  contents: 1_000,
  "apt-text": 1_000,
  deb: 1_000,
  "gdb-output": 1_000,
  trace: 1_000,
  attachments: 1_000,
  config: 1_000,
  lock: 1_000,
  "duplicates-file": 40,
  "duplicates-rows": 334,
  "state-file": 40,
  "state-rows": 334,
  "tracker-file": 40,
  "tracker-rows": 334,
};
const longCases = 10_000;

test.each(Object.entries(casesInCi))(
  "%s: whatever comes in ends in a value or a typed error, in bounded memory",
  { timeout: isLong ? 3_600_000 : 330_000 },
  async (name, cases) => {
    const command = [process.execPath, "--max-old-space-size=192", program, name, String(seed), "0"] as const;
    const count = String(isLong ? longCases : cases);
    const env = { ...nodeEnvironment, TMPDIR: quickFolder() };
    const result = await run([...command, count], { deadlineMs: isLong ? 3_500_000 : 300_000, env });
    const lines = result.stdout.toString("utf8").trimEnd().split("\n");
    const last = lines.at(-1) ?? "";
    const repeat = `CRASH_DIGGER_SEED=${seed} repeats it; ${name} ended at case ${last}, ${describeEnd(result)}`;
    expect(result.stderr, repeat).toBe("");
    expect(last, repeat).toMatch(/^peak \d+$/);
    expect(Number(last.slice("peak ".length)), repeat).toBeLessThan(512 * mebibyte);
  },
);

// The databases sync each change to the disk. In memory that costs nothing, and nobody pulls a plug here.
function quickFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}
