import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { loadConfig } from "../../src/config/load.ts";
import { gdbCommand, sessionScript } from "../../src/debugger/gdb-command.ts";
import { prepare, readWholeCore } from "../../src/retrace/retrace.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { wireRetrace } from "../../src/wiring/retrace.ts";
import { makeCore } from "../../tests/lab/make-core.ts";
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
    const config = await writeConfig(bench.folder);
    const rows: Row[] = [];
    for (const program of programs) rows.push(await measureProgram(program, config, bench));
    return rows;
  },
};

async function writeConfig(folder: string): Promise<string> {
  const path = join(folder, "config.toml");
  const config = { state_dir: join(folder, "state"), cache_dir: join(folder, "cache"), releases: "system" };
  await writeFile(path, `${stringify(config)}\n`);
  return path;
}

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

/** The command line that gives gdb, without a jail, the same commands and files as a retrace does. */
async function bareGdb(core: string, configPath: string, folder: string): Promise<readonly string[]> {
  const workFolder = join(folder, `bare-${core.split(".").at(-1)}`);
  await mkdir(workFolder);
  const corePath = join(workFolder, "core");
  await copyFile(core, corePath);
  await chmod(corePath, 0o644);
  const read = readWholeCore(corePath);
  if (read.kind === "damaged") throw new Error(read.reason);
  const services = await wireRetrace(loadConfig(configPath), silentLog);
  const crash = { fields: new Map(), corePath, workFolder };
  const signal = new AbortController().signal;
  const { task } = await prepare(crash, read.core, { ...services, clock: systemClock }, signal);
  const places = new Map([
    ["/sysroot", task.sysroot],
    ["/stage/core", corePath],
    ["/stage/program", `${task.sysroot}${task.executablePath}`],
    ["/frames.py", join(import.meta.dirname, "..", "..", "src", "debugger", "frames.py")],
  ]);
  const pattern = /\/(?:sysroot|stage\/core|stage\/program|frames\.py)(?![\w.-])/g;
  // The packages' own files and nothing else: the kept indexes of symbols are ours.
  const start = gdbCommand({ ...task, indexFolder: null }, "gdb");
  const commands = sessionScript(task, "bench").flatMap((command) => ["-ex", command]);
  return [...start, "-batch", ...commands].map((word) => word.replace(pattern, (name) => places.get(name) ?? name));
}
