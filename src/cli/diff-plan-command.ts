import { Command } from "commander";
import type { CrashId } from "../tracker/types.ts";
import { parseCrashId } from "./tracker/crash-id.ts";

const help = `
Compares the plans that "run --dry-run" has stored with what the tracker shows now: run dry beside another retracer,
and this tells where the two would have done different things. Of each planned edit it says whether it is done,
missing or different; of comments, subscribers and packages a tracker does not tell. Traces count as the same when
their functions are. Without IDs every stored plan is compared.

Examples:
  crash-digger run --dry-run
  crash-digger diff-plan                      some hours later
  crash-digger diff-plan 12 13 --json

Exit codes: 0 as planned; 1 something is missing or different, or there is no such plan; 2 wrong usage.`;

/** `crash-digger diff-plan [ID…]`: the plans of dry runs beside what became of the crashes. */
export function diffPlanCommand(): Command {
  return new Command("diff-plan")
    .description("compare what dry runs have planned with the tracker as it is")
    .argument("[ids...]", "numbers of crashes (default: every stored plan)", collectIds)
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (ids: readonly CrashId[], _options, command: Command) => {
      const { diffPlans } = await import("./diff-plans.ts");
      process.exitCode = await diffPlans(ids, command);
    });
}

function collectIds(text: string, before: readonly CrashId[] = []): readonly CrashId[] {
  return [...before, parseCrashId(text)];
}
