import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDuplicates } from "../../src/duplicates/duplicates.ts";
import { writeFields } from "../../tests/lab/report.ts";
import { apportHere } from "../apport.ts";
import { usageOf } from "../measure.ts";
import type { RowMaker } from "../row.ts";
import { createWorld, type World } from "../world.ts";

const known = 950;
const unknown = 50;
const addressSignature = "/usr/bin/tool:11:/usr/bin/tool+1a2b:/usr/bin/tool+2b3c:/usr/lib/libc.so.6+4d5e";

/** A work list of which most are known by their address signature. Their cores are no cores: to read one would show. */
export const knownAddresses: RowMaker = {
  name: "known-addresses",
  measure: async (bench) => {
    const { folder, launcher } = bench;
    const world = await createWorld(folder);
    const reports: string[] = [];
    for (let crash = 10; crash < 10 + unknown; crash++) reports.push(await world.report(crash));
    const knownReport = await reportOfKnown(folder);
    await world.submit([knownReport, ...reports, ...Array.from({ length: known }, () => knownReport)]);
    await makeMaster(world, join(folder, "state", "duplicates.db"));
    const result = await usageOf([launcher, "--config", world.configFile, "run"], folder);
    await world.requireVerdicts({ duplicate: known, new: unknown });
    const perSecond = (known + unknown) / result.wallS;
    const apport = await apportHere(bench);
    const ratio = perSecond / apport.perSecond;
    return [
      {
        name: `${known + unknown} pending, ${known} known by address`,
        measured: `${perSecond.toFixed(0)} a second (${result.wallS.toFixed(1)} s), ${result.peakMiB.toFixed(0)} MiB`,
        against: `${apport.words}: ${ratio.toFixed(0)} times`,
        goal: "100 times",
        met: ratio >= 100,
        figures: { wallS: result.wallS, cpuS: result.cpuS, peakMiB: result.peakMiB, perSecond, ratio },
      },
    ];
  },
};

async function reportOfKnown(folder: string): Promise<string> {
  const core = join(folder, "no-core");
  await writeFile(core, "this is no core, and nobody may read it");
  const fields = {
    ProblemType: "Crash",
    DistroRelease: "Bench 1",
    ExecutablePath: "/usr/bin/tool",
    Package: "tool 1.0-1",
    Signal: "11",
    StacktraceAddressSignature: addressSignature,
  };
  return await writeFields(fields, new Map([["CoreDump", { path: core }]]), join(folder, "known.crash"));
}

// Crash 1 of the tracker is the one that the others are known by: open, and worked on long ago. Were it pending, its own
// core that is none would make it invalid, and all the others with it.
async function makeMaster(world: World, path: string): Promise<void> {
  await world.settle(1);
  const duplicates = await openDuplicates(path);
  const open = async (ids: readonly number[]) => new Map(ids.map((id) => [id, { kind: "open" } as const]));
  await duplicates.check({ id: 1, signature: null, addressSignature, packageVersion: null }, open);
  await duplicates.close();
}
