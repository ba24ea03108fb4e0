import { type ApportHere, apportHere } from "../apport.ts";
import { usageOf } from "../measure.ts";
import type { Bench, Row, RowMaker } from "../row.ts";
import { createWorld, type World } from "../world.ts";

const crashes = 20;

/** A batch of different new crashes whose files are all at hand. */
export const batchOfNew: RowMaker = {
  name: "batch-of-new",
  measure: async (bench) => {
    const world = await createWorld(bench.folder);
    await world.submit([await world.report(99)]);
    await usageOf([bench.launcher, "--config", world.configFile, "run"], bench.folder);
    const given = { ...bench, apport: await apportHere(bench) };
    const rows: Row[] = [];
    for (const [index, jobs] of [1, 2].entries())
      rows.push(await measureJobs(jobs, 10 + index * crashes, world, given));
    return rows;
  },
};

type Given = Bench & { readonly apport: ApportHere };

async function measureJobs(jobs: number, first: number, world: World, given: Given): Promise<Row> {
  const { launcher, folder, apport } = given;
  const reports: string[] = [];
  for (let crash = first; crash < first + crashes; crash++) reports.push(await world.report(crash));
  await world.submit(reports);
  const command = [launcher, "--config", world.configFile, "run", "--jobs", String(jobs)];
  const usage = await usageOf(command, folder);
  // With the one that made the files be at hand.
  await world.requireVerdicts({ new: 1 + first - 10 + crashes });
  const perSecond = crashes / usage.wallS;
  const ratio = perSecond / apport.perSecond;
  return {
    name: `batch of ${crashes} new crashes, ${jobs} ${jobs === 1 ? "job" : "jobs"}`,
    measured: `${perSecond.toFixed(1)} a second (${usage.wallS.toFixed(1)} s), ${usage.peakMiB.toFixed(0)} MiB`,
    against: `${apport.words}: ${ratio.toFixed(1)} times`,
    goal: "10 times",
    met: ratio >= 10,
    figures: { wallS: usage.wallS, cpuS: usage.cpuS, peakMiB: usage.peakMiB, perSecond, ratio },
  };
}
