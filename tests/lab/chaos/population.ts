import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import type { CommandLab } from "../command.ts";
import { crashProgram } from "../crash-program.ts";
import type { Lab } from "../lab.ts";
import type { PackagedProgram } from "../program.ts";
import { type Random, randomFrom } from "../random.ts";
import { cutCore, makeReport } from "../report.ts";
import { writeCrash } from "../tracker/crash-file.ts";

/**
 * What a crash is made of. Crashes of one kind with the same number are duplicates of the first of them.
 * - `python`: a traceback, no core
 * - `known`: its addresses are known from the first one on, and its core is not to be looked at
 * - `real`: a real core of one of twelve places of a program, for gdb
 * - `cut`: half a core
 */
export type ChaosCrash = { readonly kind: "python" | "known" | "real" | "cut"; readonly number: number };

/** What has to become of a crash in the end. */
export type Expected = { readonly status: "open" | "duplicate" | "invalid"; readonly master: number | null };

/** So many crashes, small ones mostly. The seed repeats them. */
export function populationOf(seed: number, count: number): readonly ChaosCrash[] {
  const random = randomFrom("population", seed);
  const groups = Math.ceil(count / 4);
  return Array.from({ length: count }, () => someCrash(random, groups));
}

function someCrash(random: Random, groups: number): ChaosCrash {
  const dice = random.below(100);
  if (dice < 4) return { kind: "real", number: random.below(12) };
  if (dice < 8) return { kind: "cut", number: 0 };
  return { kind: dice < 60 ? "python" : "known", number: random.below(groups) };
}

/** The reference: the rules of what becomes of a crash, applied one after the other. Ids are counted from 1. */
export function expectedOf(population: readonly ChaosCrash[]): readonly Expected[] {
  const masters = new Map<string, number>();
  return population.map(({ kind, number }, index): Expected => {
    if (kind === "cut") return { status: "invalid", master: null };
    const group = `${kind} ${number}`;
    const master = masters.get(group);
    if (master !== undefined) return { status: "duplicate", master };
    masters.set(group, index + 1);
    return { status: "open", master: null };
  });
}

/** Files them in the tracker, in their order. */
export async function submitAll(
  population: readonly ChaosCrash[],
  lab: Lab,
  places: PackagedProgram,
  command: CommandLab,
): Promise<void> {
  const seen = new Set<string>();
  const reports = new Map<string, string>();
  const tracker = await openLocalTracker(join(command.stateFolder, "tracker"));
  for (const crash of population) {
    const group = `${crash.kind} ${crash.number}`;
    // The first one of known addresses is a traceback whose report tells them; the others have a core nobody reads.
    const name = crash.kind === "known" && seen.has(group) ? `${group} again` : group;
    seen.add(group);
    const report = reports.get(name) ?? (await reportOf(crash, name, lab, places));
    reports.set(name, report);
    const filed = await tracker.submit(report, { hostArchitecture: lab.architecture });
    if (filed.kind === "refused") throw new Error(`${report}: ${filed.fault.message}`);
  }
  await tracker.close();
}

async function reportOf(crash: ChaosCrash, name: string, lab: Lab, places: PackagedProgram): Promise<string> {
  const file = `${name.replaceAll(" ", "-")}.crash`;
  if (crash.kind === "real" || crash.kind === "cut") return await realReport(crash, file, lab, places);
  const program = `/usr/bin/${crash.kind}-${crash.number}`;
  const addresses = [1, 2, 3].map((at) => `/usr/lib/lib${at}.so+${at}${crash.number.toString(16)}`);
  const isAgain = name.endsWith("again");
  const fields = {
    Architecture: lab.architecture,
    DistroRelease: lab.release,
    ExecutablePath: program,
    Package: "small 1.0-1",
    Signal: isAgain ? "11" : undefined,
    SignalName: undefined,
    Traceback: isAgain ? undefined : traceback(crash.number),
    StacktraceAddressSignature: crash.kind === "known" ? `${program}:11:${addresses.join(":")}` : undefined,
  };
  return writeCrash(lab.folder, file, { fields, binaries: isAgain ? { CoreDump: Buffer.from("not read") } : {} });
}

function traceback(number: number): string {
  const frames = [`main_${number}`, `work_${number}`].map(
    (name, at) => `  File "/opt/small.py", line ${at}, in ${name}`,
  );
  return ["Traceback (most recent call last):", ...frames, "NameError: name 'x' is not defined"].join("\n");
}

async function realReport(crash: ChaosCrash, file: string, lab: Lab, places: PackagedProgram): Promise<string> {
  const core = await crashProgram(places, lab.folder, { arguments: [String(crash.number), "0"] });
  const recipe = { core, executablePath: places.recipe.installedPath, package: "places 1.0-1", release: lab.release };
  if (crash.kind === "real") return await makeReport(recipe, join(lab.folder, file));
  const half = await cutCore(core, Math.floor((await stat(core)).size / 2), join(lab.folder, "half.core"));
  return await makeReport({ ...recipe, attachedCore: half }, join(lab.folder, file));
}
