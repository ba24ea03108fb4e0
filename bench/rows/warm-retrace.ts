import { join } from "node:path";
import { makeCore } from "../../tests/lab/make-core.ts";
import { bareGdb, writeSystemConfig } from "../bare-gdb.ts";
import { pairedUsage, usageOf } from "../measure.ts";
import { reportOfCore } from "../report-of-core.ts";
import type { Bench, Row, RowMaker } from "../row.ts";

type Program = { readonly name: string; readonly command: readonly string[]; readonly env?: Record<string, string> };

const programs: readonly Program[] = [
  { name: "sleep", command: ["/usr/bin/sleep", "1000"] },
  { name: "bash", command: ["/usr/bin/bash", "-c", "read line"] },
  { name: "gdb (60 libraries)", command: ["/usr/bin/gdb", "-nx", "-q"] },
];

/** A retrace whose files are all at hand, against bare gdb with the same commands on the same files. */
export const warmRetrace: RowMaker = {
  name: "warm-retrace",
  measure: async (bench) => {
    const config = await writeSystemConfig(bench.folder);
    const rows: Row[] = [];
    for (const program of programs) rows.push(await measureProgram(program, config, bench));
    return rows;
  },
};

async function measureProgram(program: Program, config: string, { folder, launcher }: Bench): Promise<Row> {
  const core = await makeCore(program.command, folder, { signal: "SIGABRT" });
  const report = await reportOfCore(core, join(folder, `${program.name.split(" ")[0]}.crash`));
  const retrace = [launcher, "--config", config, "retrace", "-s", report];
  const cold = await usageOf(retrace, folder);
  const bare = await bareGdb(core, config, folder);
  const [ours, gdb] = await pairedUsage([retrace, bare], folder);
  if (ours === undefined || gdb === undefined) throw new Error("nothing was measured");
  const ratio = ours.wallS / gdb.wallS;
  return {
    name: `warm retrace of ${program.name}`,
    measured: `${ours.wallS.toFixed(2)} s wall, ${ours.cpuS.toFixed(2)} s cpu, ${ours.peakMiB.toFixed(0)} MiB (cold ${cold.wallS.toFixed(1)} s)`,
    against: `bare gdb ${gdb.wallS.toFixed(2)} s wall, ${gdb.cpuS.toFixed(2)} s cpu, ${gdb.peakMiB.toFixed(0)} MiB: ${ratio.toFixed(2)} times`,
    goal: "at most 1.5 times",
    met: ratio <= 1.5,
    figures: {
      wallS: ours.wallS,
      cpuS: ours.cpuS,
      peakMiB: ours.peakMiB,
      coldS: cold.wallS,
      gdbWallS: gdb.wallS,
      ratio,
    },
  };
}
