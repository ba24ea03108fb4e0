import type { Command } from "commander";
import { loadConfig } from "../config/load.ts";
import { type ComparedPlan, comparePlan, isAsPlanned } from "../digger/shadow/compare-plan.ts";
import { describeEdit } from "../digger/shadow/describe-edit.ts";
import { plannedCrashes, readPlan } from "../digger/shadow/stored-plans.ts";
import type { CrashId } from "../tracker/types.ts";
import { openTracker } from "../wiring/open.ts";
import { pathsOf } from "../wiring/paths.ts";
import { CliError, exitCode } from "./exit.ts";
import { printable } from "./printable.ts";
import { jsonLine } from "./tracker/json-line.ts";

/** Compares stored plans with the tracker, prints, and resolves with the exit code. */
export async function diffPlans(ids: readonly CrashId[], command: Command): Promise<number> {
  const flags = command.optsWithGlobals<{ config?: string; json?: true }>();
  const config = loadConfig(flags.config);
  const folder = pathsOf(config).plans;
  const chosen = ids.length > 0 ? ids : plannedCrashes(folder);
  if (chosen.length === 0)
    throw new CliError(`no plan is stored in ${folder}: "crash-digger run --dry-run" makes them`);
  await using tracker = await openTracker(config);
  const compared: unknown[] = [];
  let equal = true;
  for (const id of chosen) {
    const plan = readPlan(folder, id);
    if (plan === null) throw new CliError(`crash ${id}: no plan is stored in ${folder}`);
    const result = await comparePlan(plan, tracker);
    equal &&= isAsPlanned(result);
    if (flags.json === true) compared.push(jsonOf(result));
    else process.stdout.write(textOf(result));
  }
  if (flags.json === true) process.stdout.write(jsonLine({ equal, crashes: compared }));
  return equal ? exitCode.ok : exitCode.failed;
}

function textOf(plan: ComparedPlan): string {
  if (!plan.isThere) return `crash ${plan.crash}: the tracker has no such crash any more\n`;
  const count = (state: string): number => plan.edits.filter((each) => each.state === state).length;
  const counts = ["done", "missing", "different", "unseen"].map((state) => `${count(state)} ${state}`);
  const lines = plan.edits
    .filter(({ state }) => state === "missing" || state === "different")
    .map(({ state, edit, actual }) => {
      const instead = actual === undefined ? "" : ` (it is: ${actual})`;
      return `  ${state.padEnd(10)}${printable(`${describeEdit(edit)}${instead}`)}\n`;
    });
  return `crash ${plan.crash}, planned ${plan.plannedAt}: ${counts.join(", ")}\n${lines.join("")}`;
}

function jsonOf({ edits, ...plan }: ComparedPlan): object {
  return {
    ...plan,
    edits: edits.map(({ edit, state, actual = null }) => ({
      kind: edit.kind,
      edit: describeEdit(edit),
      state,
      actual,
    })),
  };
}
