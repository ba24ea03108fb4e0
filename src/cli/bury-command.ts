import { Command } from "commander";
import type { CrashId } from "../tracker/types.ts";
import { usualExitCodes } from "./help.ts";
import { tagsOf } from "./retry-command.ts";
import { parseCrashId } from "./tracker/crash-id.ts";
import { withState } from "./with-state.ts";

const help = `
Gives a crash up: it leaves the work list and the lists of "status", and the tracker is told with the reason. Its core
is kept; "crash-digger retry" brings it back. For a crash that stops every batch, or that nobody can trace.

Examples:
  crash-digger bury 12
  crash-digger bury 12 its program is not in any archive
${usualExitCodes}`;

/** `crash-digger bury ID [REASON]`: gives a crash up. */
export function buryCommand(): Command {
  return new Command("bury")
    .description("give a crash up")
    .argument("<id>", "number of the crash", parseCrashId)
    .argument("[reason...]", "why, for the people who read the tracker")
    .addHelpText("after", help)
    .action(async (id: CrashId, words: readonly string[], _options, command: Command) => {
      const reason = words.join(" ").trim() || "the maintainers of the retracer have given it up";
      const [{ buryCrash }, { systemClock }, { silentLog }, { planPolicyOf }] = await Promise.all([
        import("../digger/by-hand.ts"),
        import("../system/clock.ts"),
        import("../system/log.ts"),
        import("../wiring/plan-policy.ts"),
      ]);
      const done = await withState(command, (tracker, state, config) => {
        const services = { tracker, state, clock: systemClock, log: silentLog, planPolicy: planPolicyOf(config) };
        return buryCrash(id, reason, services, new AbortController().signal);
      });
      tagsOf(id, done, "cannot be buried");
      process.stdout.write(`crash ${id}: buried; "crash-digger retry ${id}" brings it back\n`);
    });
}
