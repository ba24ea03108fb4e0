import { Command } from "commander";
import type { ByHand } from "../digger/by-hand.ts";
import type { CrashId } from "../tracker/types.ts";
import { CliError } from "./exit.ts";
import { usualExitCodes } from "./help.ts";
import { noSuchCrash, parseCrashId } from "./tracker/crash-id.ts";
import { withState } from "./with-state.ts";

const help = `
Puts the crash back on the work list of the next batch, whatever became of it before: one that waits for another try
or for debug symbols, a dead letter, one that was buried, one whose edits the tracker refused. It needs its core.

Examples:
  crash-digger retry 12
${usualExitCodes}`;

/** `crash-digger retry ID`: has a crash tried again by the next batch. */
export function retryCommand(): Command {
  return new Command("retry")
    .description("have a crash tried again by the next batch")
    .argument("<id>", "number of the crash", parseCrashId)
    .addHelpText("after", help)
    .action(async (id: CrashId, _options, command: Command) => {
      const [{ retryCrash }, { nativeArchitecture }] = await Promise.all([
        import("../digger/by-hand.ts"),
        import("../wiring/open.ts"),
      ]);
      const done = await withState(command, async (tracker, state) =>
        retryCrash(id, { tracker, state }, await nativeArchitecture()),
      );
      const tags = tagsOf(id, done, "cannot be tried again");
      process.stdout.write(`crash ${id}: the next batch tries it again (${tags.join(" ")})\n`);
    });
}

/** The tags that a request by hand was about. Throws what a person has to read when it was not possible. */
export function tagsOf(id: CrashId, answer: ByHand, refusal: string): readonly string[] {
  if (answer.kind === "absent") throw noSuchCrash(id);
  if (answer.kind === "refused") throw new CliError(`crash ${id} ${refusal}: ${answer.reason}`);
  return answer.tags;
}
