import { Command } from "commander";
import type { LocalTracker } from "../../tracker/local/local-tracker.ts";
import type { CrashId } from "../../tracker/types.ts";
import { CliError, exitCode } from "../exit.ts";
import { usualExitCodes } from "../help.ts";
import { parseCrashId } from "./crash-id.ts";
import { tellOutcome, withTracker } from "./with-tracker.ts";

const help = `
Chains stay one level deep: a master that is itself a duplicate stands for its own master, and duplicates of the
crash follow it.

Examples:
  crash-digger duplicate 12 3        crash 12 is a duplicate of crash 3
  crash-digger duplicate 12 --none   it is not, after all
${usualExitCodes}`;

/** `crash-digger duplicate ID MASTER|--none`. */
export function duplicateCommand(): Command {
  return new Command("duplicate")
    .description("mark a crash as a duplicate of another")
    .argument("<id>", "number of the crash", parseCrashId)
    .argument("[master]", "number of the crash that it is a duplicate of", parseCrashId)
    .option("--none", "it is no duplicate of any other")
    .addHelpText("after", help)
    .action(async (id: CrashId, master: CrashId | undefined, options: { none?: true }, command: Command) => {
      if ((master === undefined) !== (options.none === true)) {
        throw new CliError("give either the master's number or --none", exitCode.usage);
      }
      await withTracker(command, async (tracker) => {
        if (master === undefined) tellOutcome(id, await tracker.unmarkDuplicate(id), "no longer a duplicate");
        else await markDuplicate(tracker, id, master);
      });
    });
}

async function markDuplicate(tracker: LocalTracker, id: CrashId, master: CrashId): Promise<void> {
  const outcome = await tracker.apply(id, { kind: "mark-duplicate", of: master });
  const answer = await tracker.header(id);
  const found = answer.kind === "header" ? answer.header.duplicateOf : null;
  tellOutcome(id, outcome, `duplicate of ${found ?? master}`);
}
