import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeEnd, minimalEnvironment, run } from "../src/system/process.ts";

/** What the kernel counted for one finished command and all that it waited for. */
export type Usage = { readonly wallS: number; readonly cpuS: number; readonly peakMiB: number };

/**
 * Runs a command once under GNU time, the kernel's own accounting. Peak memory is that of the largest single
 * process. Throws when the command does not exit with 0.
 */
export async function usageOf(command: readonly string[], folder: string, deadlineMs = 600_000): Promise<Usage> {
  const record = join(folder, "usage");
  const timed = ["/usr/bin/time", "--output", record, "--format", "%e %U %S %M", ...command] as const;
  const result = await run([...timed], {
    deadlineMs,
    env: { ...minimalEnvironment, TZ: "UTC" },
    maxStdoutBytes: 2 ** 30,
  });
  if (result.exitCode !== 0) throw new Error(`${command.join(" ")}: ${describeEnd(result)}\n${result.stderr}`);
  const numbers = (await readFile(record, "utf8")).trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  const [wallS = Number.NaN, userS = Number.NaN, systemS = Number.NaN, peakKiB = Number.NaN] = numbers;
  return { wallS, cpuS: userS + systemS, peakMiB: peakKiB / 1024 };
}

/** The median of each figure over `runs` runs after one that is not counted. */
export async function medianUsage(command: readonly string[], folder: string, runs = 5): Promise<Usage> {
  const [usage] = await pairedUsage([command], folder, runs);
  if (usage === undefined) throw new Error("nothing was measured");
  return usage;
}

/** Medians for several commands, run in turn (A B A B …), so that a drift of the machine meets all alike. */
export async function pairedUsage(
  commands: readonly (readonly string[])[],
  folder: string,
  runs = 5,
): Promise<readonly Usage[]> {
  const counted: Usage[][] = commands.map(() => []);
  for (let turn = 0; turn <= runs; turn++) {
    for (const [index, command] of commands.entries()) {
      const usage = await usageOf(command, folder);
      if (turn > 0) counted[index]?.push(usage);
    }
  }
  return counted.map((usages) => ({
    wallS: median(usages.map(({ wallS }) => wallS)),
    cpuS: median(usages.map(({ cpuS }) => cpuS)),
    peakMiB: median(usages.map(({ peakMiB }) => peakMiB)),
  }));
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}
