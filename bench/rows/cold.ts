import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { describeEnd, minimalEnvironment, run, succeeded } from "../../src/system/process.ts";
import { crashReport } from "../../tests/lab/crash-report.ts";
import { createSignedLab, type Lab } from "../../tests/lab/lab.ts";
import { type Traffic, trafficSince } from "../../tests/lab/traffic.ts";
import { median } from "../measure.ts";
import type { Bench, Row, RowMaker } from "../row.ts";

const runs = 5;

/** A retrace with an empty cache, and what it makes an archive send over HTTP. */
export const cold: RowMaker = {
  name: "cold",
  measure: async (bench) => {
    await using lab = await createSignedLab("plugin", "foo");
    const { plugin, foo } = lab.programs;
    const report = await crashReport(lab, plugin, { arguments: [foo.recipe.installedPath], libraries: [foo] });
    const measured: Cold[] = [];
    for (let turn = 0; turn < runs; turn++) measured.push(await retraceCold(report, turn, lab, bench));
    return [rowOf(measured)];
  },
};

type Cold = { readonly wallMs: number; readonly updateMs: number; readonly traffic: Traffic };

async function retraceCold(report: string, turn: number, lab: Lab, { folder, launcher }: Bench): Promise<Cold> {
  const config = join(folder, `config-${turn}.toml`);
  const [state, cache] = [join(folder, `state-${turn}`), join(folder, `cache-${turn}`)];
  await writeFile(config, stringify({ state_dir: state, cache_dir: cache, releases: lab.configFolder }));
  const asked = lab.server.hits().length;
  const command = [launcher, "--config", config, "retrace", "-s", "--verbose", report] as const;
  const result = await run([...command], { deadlineMs: 120_000, env: minimalEnvironment });
  if (!succeeded(result)) throw new Error(`${command.join(" ")}: ${describeEnd(result)}\n${result.stderr}`);
  const updates = result.stderr.matchAll(/ package lists updated .* durationMs=(\d+)$/gm);
  const updateMs = [...updates].reduce((sum, [, durationMs]) => sum + Number(durationMs), 0);
  return { wallMs: result.durationMs, updateMs, traffic: trafficSince(lab.server, asked) };
}

function rowOf(measured: readonly Cold[]): Row {
  const wallS = median(measured.map(({ wallMs }) => wallMs)) / 1000;
  const updateS = median(measured.map(({ updateMs }) => updateMs)) / 1000;
  const { bytes, packages } = measured.at(-1)?.traffic ?? { bytes: null, packages: [] };
  if (bytes === null) throw new Error("nothing was measured");
  const twice = packages.length - new Set(packages).size;
  const kib = (count: number): string => `${(count / 1024).toFixed(1)} KiB`;
  return {
    name: "cold retrace over HTTP",
    measured:
      `${wallS.toFixed(2)} s wall, of it ${updateS.toFixed(2)} s apt-get update; ` +
      `lists ${kib(bytes.lists)}, ${packages.length} packages ${kib(bytes.packages)}, Contents ${bytes.contents} B`,
    against: "2 modules of the archive's 3 programs, with their debug packages",
    goal: "no Contents list, no package twice",
    met: measured.every(({ traffic }) => isNeededOnly(traffic)),
    figures: { wallS, updateS, twice, fetched: packages.length, ...bytes },
  };
}

function isNeededOnly({ bytes, packages }: Traffic): boolean {
  return bytes.contents + bytes.sources + bytes.other === 0 && packages.length === 4 && new Set(packages).size === 4;
}
