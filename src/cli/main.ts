import { Command, CommanderError } from "commander";
import { ServiceFailure } from "../system/failure.ts";
import { withOriginalPositions } from "../system/original-positions.ts";
import { version } from "../version.ts";
import { backupCommand } from "./backup-command.ts";
import { buryCommand } from "./bury-command.ts";
import { cacheCommand } from "./cache-command.ts";
import { checkCommand } from "./check-command.ts";
import { chrootCommand } from "./chroot/chroot-command.ts";
import { collectCommand } from "./collect-command.ts";
import { configCommand } from "./config-command.ts";
import { coreCommand } from "./core-command.ts";
import { diffPlanCommand } from "./diff-plan-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { dupdbCommand } from "./dupdb/dupdb-command.ts";
import { CliError, exitCode } from "./exit.ts";
import { plainHelpWidth } from "./help.ts";
import { launchpadCommand } from "./launchpad/launchpad-command.ts";
import { metricsCommand } from "./metrics-command.ts";
import { printableLines } from "./printable.ts";
import { replayCommand } from "./replay-command.ts";
import { retraceCommand } from "./retrace-command.ts";
import { retryCommand } from "./retry-command.ts";
import { runCommand } from "./run-command.ts";
import { scheduleCommand } from "./schedule/schedule-command.ts";
import { signatureCommand } from "./signature-command.ts";
import { statusCommand } from "./status-command.ts";
import { commentCommand } from "./tracker/comment-command.ts";
import { duplicateCommand } from "./tracker/duplicate-command.ts";
import { listCommand } from "./tracker/list-command.ts";
import { setStatusCommand } from "./tracker/set-status-command.ts";
import { showCommand } from "./tracker/show-command.ts";
import { submitCommand } from "./tracker/submit-command.ts";
import { tagCommand } from "./tracker/tag-command.ts";
import { unlockCommand } from "./unlock-command.ts";

const help = `
A batch: reports are submitted, "run" works through what is pending (cron calls it), "list" and "show" tell what came
of it. Every command explains itself: crash-digger COMMAND --help.

Examples:
  crash-digger submit /var/crash/*.crash
  crash-digger run
  crash-digger show 1
  crash-digger retrace -s some.crash           one report, without a tracker

Exit codes: 0 done; 1 not possible, or a failure of the service; 2 wrong usage or configuration; further ones with
the commands that have them.`;

/**
 * Builds the command with those sub-commands that a command line names; when it names none, with all of them, for
 * its help. Each loads what it needs only when it runs.
 */
export function program(argv: readonly string[] = []): Command {
  const root = new Command("crash-digger")
    .description("retrace crash reports: core dump in, symbolic stack trace and verdict out")
    .version(version, "-V, --version", "print the version")
    .option("--config <file>", "configuration file (default: /etc/crash-digger/config.toml)")
    .showHelpAfterError("(crash-digger --help lists the commands)")
    .configureOutput({ getOutHelpWidth: () => (process.stdout.isTTY ? process.stdout.columns : plainHelpWidth) })
    .addHelpText("after", help)
    .exitOverride();
  const named = (name: string): boolean => argv.includes(name);
  const isAny = Object.values(commandGroups).some((commands) => Object.keys(commands).some(named));
  for (const [heading, commands] of Object.entries(commandGroups)) {
    for (const [name, make] of Object.entries(commands)) {
      if (named(name) || !isAny) root.addCommand(make().helpGroup(heading));
    }
  }
  return inheriting(root);
}

/** In the order in which people need them. */
const commandGroups: Readonly<Record<string, Readonly<Record<string, () => Command>>>> = {
  "Retracing:": {
    submit: submitCommand,
    run: runCommand,
    "diff-plan": diffPlanCommand,
    retrace: retraceCommand,
    replay: replayCommand,
    collect: collectCommand,
  },
  "Crashes:": {
    list: listCommand,
    show: showCommand,
    "set-status": setStatusCommand,
    tag: tagCommand,
    comment: commentCommand,
    duplicate: duplicateCommand,
    retry: retryCommand,
    bury: buryCommand,
  },
  "The service:": {
    status: statusCommand,
    check: checkCommand,
    metrics: metricsCommand,
    unlock: unlockCommand,
    doctor: doctorCommand,
    backup: backupCommand,
    schedule: scheduleCommand,
    cache: cacheCommand,
    chroot: chrootCommand,
    config: configCommand,
    launchpad: launchpadCommand,
  },
  "Looking closer:": {
    signature: signatureCommand,
    core: coreCommand,
    dupdb: dupdbCommand,
  },
};

// addCommand() hands none of the parent's settings down: without this a sub-command's usage error would
// end the process from inside commander, with 1 instead of our exit code.
function inheriting(parent: Command): Command {
  for (const child of parent.commands) inheriting(child.copyInheritedSettings(parent));
  return parent;
}

/** Runs one command line; resolves with the exit code and never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const root = program(argv);
  let usage: number = exitCode.usage;
  // To monitoring our number for wrong usage means that the service is down.
  root.hook("preSubcommand", (_root, command) => {
    if (command.name() === "check") usage = exitCode.unknown;
  });
  try {
    await root.parseAsync(argv, { from: "user" });
    return Number(process.exitCode ?? exitCode.ok);
  } catch (error) {
    return report(error, usage);
  }
}

function report(error: unknown, usage: number): number {
  // commander has already printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : usage;
  if (error instanceof CliError) return tell(error.message, error.exitCode);
  // By name: importing the class would load the whole configuration schema for a mere --version.
  if (error instanceof Error && error.name === "ConfigError") return tell(error.message, exitCode.usage);
  if (error instanceof ServiceFailure) return tell(printableLines(withRemedy(error)), exitCode.failed);
  return tell(
    error instanceof Error ? withOriginalPositions(error.stack ?? error.message) : String(error),
    exitCode.failed,
  );
}

function tell(text: string, code: number): number {
  process.stderr.write(`crash-digger: ${text}\n`);
  return code;
}

function withRemedy(error: ServiceFailure): string {
  return error.remedy === undefined ? error.message : `${error.message}\nWhat to do: ${error.remedy}`;
}
