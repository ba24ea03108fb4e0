import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { describeEnd, minimalEnvironment, run, succeeded } from "../../src/system/process.ts";
import { compile } from "../../tests/lab/build.ts";
import { makeCore } from "../../tests/lab/make-core.ts";
import { makeReport } from "../../tests/lab/report.ts";
import { usageOf } from "../measure.ts";
import type { Bench, RowMaker } from "../row.ts";

const mebibytes = 1024;

/** A core that cannot be compressed, through the whole retrace: how much memory node needs for it. */
export const largeCore: RowMaker = {
  name: "large-core",
  measure: async (bench) => {
    const { folder, launcher } = bench;
    const report = await largeReport(folder);
    const config = join(folder, "config.toml");
    const paths = {
      state_dir: join(folder, "state"),
      cache_dir: join(folder, "cache"),
      symbols: { sources: ["host"] },
    };
    await writeFile(config, `${stringify(paths)}\n`);
    const command = [launcher, "--config", config, "retrace", "-s", report];
    const usage = await usageOf(command, folder);
    const nodePeakMiB = await nodePeak(command, bench);
    return [
      {
        name: `core of ${mebibytes} MiB, incompressible`,
        measured: `node ${nodePeakMiB.toFixed(0)} MiB; ${usage.wallS.toFixed(1)} s wall, largest process ${usage.peakMiB.toFixed(0)} MiB`,
        against: "Apport 2.1 GB",
        goal: "node at most 150 MB",
        met: nodePeakMiB * 1.048576 <= 150,
        figures: { nodePeakMiB, wallS: usage.wallS, cpuS: usage.cpuS, peakMiB: usage.peakMiB },
      },
    ];
  },
};

async function largeReport(folder: string): Promise<string> {
  const program = await compile({
    sources: [join(import.meta.dirname, "..", "programs", "large.c")],
    output: join(folder, "large"),
  });
  const core = await makeCore([program, String(mebibytes)], folder, { crashesByItself: true, deadlineMs: 300_000 });
  const recipe = { core, executablePath: program, package: "large 1.0-1", release: "Bench 1" };
  return await makeReport(recipe, join(folder, "large.crash"));
}

// GNU time tells the largest of all processes, gdb among them; node's own peak it has to tell itself.
async function nodePeak(command: readonly string[], { folder }: Bench): Promise<number> {
  const record = join(folder, "node-peak");
  const teller = join(folder, "tell-peak.mjs");
  const words = `import { writeFileSync } from "node:fs";
process.on("exit", () => writeFileSync(${JSON.stringify(record)}, String(process.resourceUsage().maxRSS)));\n`;
  await writeFile(teller, words);
  const env = { ...minimalEnvironment, NODE_OPTIONS: `--import=${teller}` };
  const [program = "", ...args] = command;
  const result = await run([program, ...args], { deadlineMs: 600_000, env });
  if (!succeeded(result)) throw new Error(`${command.join(" ")}: ${describeEnd(result)}\n${result.stderr}`);
  return Number(await readFile(record, "utf8")) / 1024;
}
