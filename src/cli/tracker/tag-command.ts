import { Command } from "commander";
import type { LocalTracker } from "../../tracker/local/local-tracker.ts";
import { isTag } from "../../tracker/marks.ts";
import type { CrashId } from "../../tracker/types.ts";
import { CliError, exitCode } from "../exit.ts";
import { usualExitCodes } from "../help.ts";
import { printable } from "../printable.ts";
import { noSuchCrash, parseCrashId } from "./crash-id.ts";
import { withTracker } from "./with-tracker.ts";

const help = `
+TAG (or TAG) puts a tag on, -TAG takes it off. Without tags, those of the crash are printed, one a line. The tag
need-<architecture>-retrace makes a crash wait for the next batch, need-duplicate-check for the next batch of -D.

Examples:
  crash-digger tag 12
  crash-digger tag 12 +need-amd64-retrace          have it retraced again
  crash-digger tag 12 -apport-failed-retrace +seen
${usualExitCodes}`;

/** `crash-digger tag ID [+tag|-tag…]`. */
export function tagCommand(): Command {
  return (
    new Command("tag")
      .description("show, add and remove the tags of a crash")
      // Otherwise -TAG would be taken for an option.
      .allowUnknownOption()
      .argument("<id>", "number of the crash", parseCrashId)
      .argument("[change...]", "+TAG to add, -TAG to remove")
      .addHelpText("after", help)
      .action(async (id: CrashId, changes: readonly string[], _options, command: Command) => {
        for (const change of changes) checkTag(tagOf(change));
        await withTracker(command, (tracker) => changeTags(tracker, id, changes));
      })
  );
}

async function changeTags(tracker: LocalTracker, id: CrashId, changes: readonly string[]): Promise<void> {
  for (const change of changes) {
    const kind = change.startsWith("-") ? "remove-tags" : "add-tags";
    await tracker.apply(id, { kind, tags: [tagOf(change)] });
  }
  const answer = await tracker.header(id);
  if (answer.kind === "absent") throw noSuchCrash(id);
  process.stdout.write(answer.header.tags.map((tag) => `${printable(tag)}\n`).join(""));
}

function tagOf(change: string): string {
  return change.replace(/^[+-]/, "");
}

function checkTag(tag: string): void {
  if (isTag(tag)) return;
  const rule = "a tag has at least two of a-z, 0-9, '+', '.', '-', and begins with a letter or digit";
  throw new CliError(`"${printable(tag)}" is no tag: ${rule}`, exitCode.usage);
}
