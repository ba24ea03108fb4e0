import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { makeCore } from "../../tests/lab/make-core.ts";
import { pairedUsage, usageOf } from "../measure.ts";
import { reportOfCore } from "../report-of-core.ts";
import type { Bench, Row, RowMaker } from "../row.ts";

/** A warm retrace with lines of source against the same without. */
export const sourceLines: RowMaker = {
  name: "source-lines",
  measure: async (bench) => [await measure(bench)],
};

async function measure({ folder, launcher }: Bench): Promise<Row> {
  const config = join(folder, "config.toml");
  const settings = { state_dir: join(folder, "state"), cache_dir: join(folder, "cache"), releases: "system" };
  await writeFile(config, stringify(settings));
  const core = await makeCore(["/usr/bin/sleep", "1000"], folder, { signal: "SIGABRT" });
  const report = await reportOfCore(core, join(folder, "sleep.crash"));
  const retrace = [launcher, "--config", config, "retrace", "-s", report];
  const cold = await usageOf(retrace, folder);
  const [withLines, without] = await pairedUsage([retrace, [...retrace, "--no-stacktrace-source"]], folder);
  if (withLines === undefined || without === undefined) throw new Error("nothing was measured");
  const moreS = withLines.wallS - without.wallS;
  return {
    name: "the same of `sleep` with source lines",
    measured: `${withLines.wallS.toFixed(2)} s wall, ${withLines.cpuS.toFixed(2)} s cpu (cold ${cold.wallS.toFixed(1)} s)`,
    against: `without: ${without.wallS.toFixed(2)} s wall, ${without.cpuS.toFixed(2)} s cpu: ${moreS.toFixed(2)} s more`,
    goal: "at most 1 s more",
    met: moreS <= 1,
    figures: { wallS: withLines.wallS, cpuS: withLines.cpuS, coldS: cold.wallS, withoutS: without.wallS, moreS },
  };
}
