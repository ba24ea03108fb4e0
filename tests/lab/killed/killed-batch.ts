import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { minimalEnvironment, type ProcessResult, run } from "../../../src/system/process.ts";
import { compile } from "../build.ts";
import type { CommandLab } from "../command.ts";
import { joinedProgram } from "../joined-program.ts";

/** How many steps and writes a batch took that nobody killed. */
export type Counts = { readonly steps: number; readonly writes: number };

/** Where a batch is to be killed, or gets another signal (by its number); see die-at.c. */
export type Death = { readonly step: number; readonly signal?: number } | { readonly write: number };

/** A batch that can be killed at each of its steps, and a world that can be put back as it was. */
export type KilledBatch = {
  /** Keeps the state as it is now, for `putBack`. */
  keep(): Promise<void>;
  putBack(): Promise<void>;
  /** Runs a batch to its end and counts. */
  count(): Promise<Counts>;
  /** Runs a batch that is killed there; one that ends before is not. */
  killAt(death: Death): Promise<ProcessResult>;
};

/** Compiles what kills, and makes ready. Writes are those into the state and into the symbol store. */
export async function killedBatch(
  command: Pick<CommandLab, "configFile" | "stateFolder" | "cacheFolder">,
  folder: string,
): Promise<KilledBatch> {
  const source = join(import.meta.dirname, "die-at.c");
  const output = join(folder, "die-at.so");
  const library = await compile({ sources: [source], output, flags: ["-shared", "-fPIC", "-O1", "-ldl"] });
  const kept = join(folder, "kept-state");
  const countsFile = join(folder, "counts.json");
  const { stateFolder } = command;
  // Node itself and not the launcher, whose own processes would be counted too.
  const batch = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    joinedProgram,
    "--config",
    command.configFile,
  ] as const;
  const runWith = (environment: Readonly<Record<string, string>>): Promise<ProcessResult> =>
    run([...batch, "run"], {
      deadlineMs: 100_000,
      env: {
        ...minimalEnvironment,
        TZ: "UTC",
        LD_PRELOAD: library,
        DIE_FILES: `${stateFolder}/:${join(command.cacheFolder, "symbols")}/`,
        ...environment,
      },
    });
  return {
    async keep() {
      await rm(kept, { recursive: true, force: true });
      await cp(stateFolder, kept, { recursive: true, preserveTimestamps: true });
    },
    async putBack() {
      await rm(stateFolder, { recursive: true, force: true });
      await mkdir(stateFolder);
      if (existsSync(kept)) await cp(kept, stateFolder, { recursive: true, preserveTimestamps: true });
    },
    async count() {
      const result = await runWith({ DIE_COUNTS: countsFile });
      if (result.exitCode !== 0) throw new Error(`the batch failed: ${result.stderr}`);
      return z.object({ steps: z.number(), writes: z.number() }).parse(JSON.parse(await readFile(countsFile, "utf8")));
    },
    killAt: (death) => runWith(environmentOf(death)),
  };
}

function environmentOf(death: Death): Readonly<Record<string, string>> {
  if ("write" in death) return { DIE_AT_WRITE: String(death.write) };
  return { DIE_AT_STEP: String(death.step), DIE_SIGNAL: String(death.signal ?? 0) };
}
