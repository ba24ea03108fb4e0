import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeCore } from "../tests/lab/make-core.ts";
import { bareGdb, writeSystemConfig } from "./bare-gdb.ts";
import { medianUsage } from "./measure.ts";
import type { Bench } from "./row.ts";

/** Crashes per second of Apport 2.36 on Debian 12 with two cores (2.6 s each, one after the other). */
const perSecond = 0.38;

/** What bare gdb took for a core of `sleep` on that kind of machine, and in that state of it: seconds. */
const bareGdbS = 0.24;

/** Apport's speed, as it would be on this machine now. */
export type ApportHere = {
  /** Crashes per second. */
  readonly perSecond: number;
  /** In words, with what it follows from. */
  readonly words: string;
};

/**
 * Apport cannot be run here, and one and the same machine is at times half as fast as at others: so its speed is scaled by
 * what bare gdb takes now, for the same core with the same commands as then.
 */
export async function apportHere(bench: Bench): Promise<ApportHere> {
  const folder = join(bench.folder, "yardstick");
  await mkdir(folder);
  const core = await makeCore(["/usr/bin/sleep", "1000"], folder, { signal: "SIGABRT" });
  const { wallS } = await medianUsage(await bareGdb(core, await writeSystemConfig(folder), folder), folder);
  const scaled = perSecond * (bareGdbS / wallS);
  const words = `Apport ${perSecond} a second where bare gdb takes ${bareGdbS} s; here ${wallS.toFixed(2)} s, so ${scaled.toFixed(2)}`;
  return { perSecond: scaled, words };
}
