import { Command } from "commander";
import type { CrashId, CrashStatus } from "../../tracker/types.ts";
import { CliError, exitCode } from "../exit.ts";
import { usualExitCodes } from "../help.ts";
import { parseCrashId } from "./crash-id.ts";
import { describeStatus } from "./describe-status.ts";
import { tellOutcome, withTracker } from "./with-tracker.ts";

const help = `
Examples:
  crash-digger set-status 12 fixed 2.36-9+deb12u8
  crash-digger set-status 12 fixed                 fixed, in an unknown version
  crash-digger set-status 12 invalid
  crash-digger set-status 12 open
${usualExitCodes}`;

/** `crash-digger set-status ID open|fixed VERSION|invalid`. */
export function setStatusCommand(): Command {
  return new Command("set-status")
    .description("say that a crash is open, fixed in a version, or invalid")
    .argument("<id>", "number of the crash", parseCrashId)
    .argument("<status>", "open, fixed or invalid")
    .argument("[version]", "for fixed: the package version that has the fix")
    .addHelpText("after", help)
    .action(async (id: CrashId, word: string, version: string | undefined, _options, command: Command) => {
      const status = statusFrom(word, version);
      const outcome = await withTracker(command, (tracker) => tracker.apply(id, { kind: "set-status", status }));
      tellOutcome(id, outcome, describeStatus(status));
    });
}

function statusFrom(word: string, version: string | undefined): CrashStatus {
  if (word === "fixed") return { kind: "fixed", version: checkedVersion(version ?? "") };
  if (version !== undefined) throw new CliError("a version goes with the status fixed only", exitCode.usage);
  if (word === "open" || word === "invalid") return { kind: word };
  throw new CliError(`unknown status "${word}": it is one of open, fixed, invalid`, exitCode.usage);
}

// Debian policy, section 5.6.12, without the rule that a version begins with a digit, which many break.
function checkedVersion(version: string): string {
  if (/^[A-Za-z0-9.+:~-]*$/.test(version)) return version;
  throw new CliError(`"${version}" is no package version`, exitCode.usage);
}
