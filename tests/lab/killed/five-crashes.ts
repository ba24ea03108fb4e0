import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type CommandLab, createCommandLab } from "../command.ts";
import { crashProgram } from "../crash-program.ts";
import type { Lab } from "../lab.ts";
import { pythonReport } from "../python-report.ts";
import { cutCore, makeReport } from "../report.ts";
import { type Counts, type KilledBatch, killedBatch } from "./killed-batch.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** A batch over five crashes that can be killed anywhere, and what becomes of it when nobody does. */
export type FiveCrashes = {
  readonly command: CommandLab;
  readonly batch: KilledBatch;
  /** Of a batch that had to fetch and store its symbols, and of one that had them. */
  readonly counts: { readonly cold: Counts; readonly warm: Counts };
  readonly undisturbed: Outcome;
};

export async function fiveCrashes(lab: Lab): Promise<FiveCrashes> {
  const command = await createCommandLab(lab, "[batch]\njobs = 1\n");
  const batch = await killedBatch(command, lab.folder);
  await submitFive(lab, command);
  await batch.keep();
  const cold = await batch.count();
  await batch.putBack();
  const warm = await batch.count();
  return { command, batch, counts: { cold, warm }, undisturbed: await outcomeOf(command) };
}

/** Files a new crash, the same again (known by its addresses), a Python one twice, and a damaged one. */
async function submitFive(lab: Lab, command: CommandLab): Promise<void> {
  const { workers } = lab.programs;
  const core = await crashProgram(workers, lab.folder);
  const half = await cutCore(core, Math.floor((await stat(core)).size / 2), join(lab.folder, "cut.core"));
  const recipe = { executablePath: workers.recipe.installedPath, package: "workers 1.0-1", release: lab.release };
  const python = {
    scriptPath: join(lab.folder, "opt", "timesheet.py"),
    package: "timesheet 1.0-1",
    release: lab.release,
  };
  for (const path of [
    await makeReport({ ...recipe, core }, join(lab.folder, "new.crash")),
    await makeReport({ ...recipe, core }, join(lab.folder, "again.crash")),
    await pythonReport(python, join(lab.folder, "python.crash")),
    await pythonReport(python, join(lab.folder, "python-again.crash")),
    await makeReport({ ...recipe, core, attachedCore: half }, join(lab.folder, "damaged.crash")),
  ]) {
    await command.submit(path);
  }
}
