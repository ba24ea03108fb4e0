import { text } from "node:stream/consumers";
import { Command } from "commander";
import type { CrashId } from "../../tracker/types.ts";
import { CliError, exitCode } from "../exit.ts";
import { usualExitCodes } from "../help.ts";
import { parseCrashId } from "./crash-id.ts";
import { tellOutcome, withTracker } from "./with-tracker.ts";

const help = `
Examples:
  crash-digger comment 12 "Happens with an empty file, too."
  git log -1 | crash-digger comment 12 - --subject "Fixed upstream"
${usualExitCodes}`;

/** `crash-digger comment ID TEXT|-`. */
export function commentCommand(): Command {
  return new Command("comment")
    .description("add a comment to a crash")
    .argument("<id>", "number of the crash", parseCrashId)
    .argument("<text>", "the comment, or - to read it from standard input")
    .option("--subject <subject>", "a heading", "Comment")
    .addHelpText("after", help)
    .action(async (id: CrashId, words: string, { subject }: { subject: string }, command: Command) => {
      const body = (words === "-" ? await text(process.stdin) : words).trimEnd();
      if (body === "") throw new CliError("the comment is empty", exitCode.usage);
      tellOutcome(id, await withTracker(command, (tracker) => tracker.say(id, subject, body)), "comment added");
    });
}
